import { useState } from 'react';
import { Chat } from '../generation/Chat';
import { Completion } from '../generation/Completion';
import { type Generation, timingOf } from '../generation/generation';
import { Sampling } from '../generation/Sampling';
import { useGeneration } from '../generation/useGeneration';
import { curlOf, jsonRequest } from '../requests';
import { bodyOf } from '../schema';
import { useParameters } from '../useParameters';
import { useTarget } from '../useTarget';
import { exampleText } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { type Raw, Workspace } from '../Workspace';

const DEFAULT_TOKENS = 100;
/** What the request and curl show before anything was said. */
const FIRST = [{ role: 'user', content: 'Tell a story about a harbour.' }];
const INITIAL = { temperature: 0.7, top_p: 0.9 } as const;

const rawOf = (made: Generation | null): Raw => ({
  text:
    made?.lines.map((line) => `data: ${line}`).join('\n') || 'Events appear here as they arrive.',
  isJson: made !== null && made.lines.length > 0,
});

/** A conversation where the model has a chat template, else a text to go on with. Both stream. */
export default function TextGeneration({ deployment, task, info }: ViewProps) {
  const isChat = info?.model?.has_chat_template ?? false;
  const example = exampleText(task.example);
  const [prompt, setPrompt] = useState(example);
  const [asked, setAsked] = useState<unknown>(isChat ? FIRST : example);
  const parameters = useParameters(task, INITIAL);
  const generation = useGeneration(deployment.id);
  const target = useTarget(deployment, task);
  const requestOf = (inputs: unknown) =>
    jsonRequest({ ...bodyOf(task.request, inputs, parameters.values), stream: true });
  const ask = (inputs: unknown) => {
    setAsked(inputs);
    return generation.start(requestOf(inputs));
  };

  const limit = info?.model?.max_total_tokens ?? null;
  const fallback = info?.model?.default_new_tokens ?? DEFAULT_TOKENS;
  const tokenLimit = (parameters.values.max_new_tokens as number | undefined) ?? fallback;
  const note = limit ? `up to ${limit.toLocaleString('en')} tokens` : '';
  const preview = requestOf(isChat ? asked : prompt);
  const { made, isRunning, stop } = generation;
  return (
    <Workspace
      aside={<Sampling parameters={parameters} limit={limit} defaultTokens={fallback} />}
      timing={made ? timingOf(made) : null}
      isRunning={isRunning}
      response={rawOf(made)}
      request={preview.shown}
      curl={curlOf(preview, target)}
    >
      {isChat ? (
        <Chat
          made={made}
          isRunning={isRunning}
          tokenLimit={tokenLimit}
          contextNote={note}
          onSend={ask}
          onStop={stop}
          onClear={generation.clear}
        />
      ) : (
        <Completion
          prompt={prompt}
          onPrompt={setPrompt}
          asked={typeof asked === 'string' ? asked : ''}
          samples={[{ label: 'Sample', text: example }]}
          note={note}
          made={made}
          isRunning={isRunning}
          tokenLimit={tokenLimit}
          onRun={(text = prompt) => {
            setPrompt(text);
            void ask(text);
          }}
          onStop={stop}
        />
      )}
    </Workspace>
  );
}
