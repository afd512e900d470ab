import { useState } from 'react';
import { Code } from '@/components/ui/CodePanel';
import { InputCard } from '../InputCard';
import { ResultPanel } from '../ResultPanel';
import { curlOf, jsonRequest, pretty } from '../requests';
import { useRun } from '../useRun';
import { useTarget } from '../useTarget';
import type { ViewProps } from '../viewProps';
import { rawOf, Workspace } from '../Workspace';
import classes from './JsonView.module.css';

function read(text: string): { body: unknown; error: string | null } {
  try {
    return { body: JSON.parse(text), error: null };
  } catch (error) {
    return { body: null, error: `This is not JSON: ${(error as Error).message}.` };
  }
}

const exampleOf = (example: unknown): string =>
  pretty(typeof example === 'object' && example !== null ? example : { inputs: example ?? '' });

/** For a task without a view of its own: the body as JSON, the answer as JSON. */
export default function JsonView({ deployment, task }: ViewProps) {
  const sample = exampleOf(task.example);
  const [text, setText] = useState(sample);
  const run = useRun<null>(deployment.id);
  const target = useTarget(deployment, task);
  const { body, error } = read(text);
  const sent = jsonRequest(body);
  const response = rawOf(run.exchange);
  const go = (next: string = text) => {
    setText(next);
    const found = read(next);
    if (found.error === null) void run.start(jsonRequest(found.body), null);
  };
  return (
    <Workspace
      timing={run.exchange?.timing ?? null}
      isRunning={false}
      response={response}
      request={error ?? sent.shown}
      curl={error ?? curlOf(sent, target)}
    >
      <InputCard
        title="Body"
        note="JSON"
        isCode
        value={text}
        onChange={setText}
        error={error}
        samples={[{ label: 'Sample', text: sample }]}
        onSample={(one) => go(one.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <ResultPanel problem={run.problem} onRetry={() => go()}>
        {run.exchange === null ? null : (
          <div className={classes.answer}>
            <Code
              snippet={{
                label: 'Response as JSON',
                code: response.text,
                language: response.isJson ? 'json' : 'text',
              }}
            />
          </div>
        )}
      </ResultPanel>
    </Workspace>
  );
}
