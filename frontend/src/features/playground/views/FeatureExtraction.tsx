import { useState } from 'react';
import { plural } from '@/lib/format';
import { HeatMap } from '../HeatMap';
import { InputCard, type Sample } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { ResultPanel, Unknown } from '../ResultPanel';
import { curlOf, jsonRequest } from '../requests';
import { readVectors } from '../responses';
import { bodyOf } from '../schema';
import { useParameters } from '../useParameters';
import { useRun } from '../useRun';
import { useTarget } from '../useTarget';
import type { ViewProps } from '../viewProps';
import { rawOf, Workspace } from '../Workspace';

const SAMPLE: Sample = {
  label: 'Sample',
  text: [
    'How do I reset my password?',
    'I forgot the word I log in with.',
    'Where can I change my delivery address?',
    'My parcel went to the wrong house.',
    'The soup at the harbour is excellent.',
  ].join('\n'),
};
const MAX_COMPARED = 12;

export const sentencesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Several sentences, and how alike the model finds them. */
export default function FeatureExtraction({ deployment, task, info }: ViewProps) {
  const [text, setText] = useState(SAMPLE.text);
  const parameters = useParameters(task);
  const run = useRun<string[]>(deployment.id);
  const target = useTarget(deployment, task);
  const requestOf = (lines: string[]) =>
    jsonRequest(bodyOf(task.request, lines, parameters.values));
  const go = (next: string = text) => {
    setText(next);
    const lines = sentencesOf(next);
    if (lines.length > 0) void run.start(requestOf(lines), lines);
  };

  const preview = requestOf(sentencesOf(text));
  const vectors = run.exchange ? readVectors(run.exchange.json) : null;
  const size = vectors?.[0]?.length ?? info?.model?.dimensions;
  const compared = run.about?.slice(0, MAX_COMPARED) ?? [];
  return (
    <Workspace
      aside={<ParametersForm parameters={parameters} />}
      timing={run.exchange?.timing ?? null}
      isRunning={false}
      response={rawOf(run.exchange)}
      request={preview.shown}
      curl={curlOf(preview, target)}
    >
      <InputCard
        title="Sentences"
        note="one per line"
        value={text}
        onChange={setText}
        placeholder="One sentence per line"
        samples={[SAMPLE]}
        onSample={(sample) => go(sample.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <ResultPanel
        title="Similarity"
        problem={run.problem}
        note={size ? `${plural(size, 'dimension')} per sentence` : null}
        spoken={vectors ? `${plural(vectors.length, 'sentence')} compared` : ''}
        onRetry={() => go()}
      >
        {run.exchange === null ? null : vectors && vectors.length >= compared.length ? (
          <HeatMap sentences={compared} vectors={vectors} />
        ) : (
          <Unknown />
        )}
      </ResultPanel>
    </Workspace>
  );
}
