import { useState } from 'react';
import { plural } from '@/lib/format';
import { HeatMap } from '../HeatMap';
import { InputCard, type Sample } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { ResultPanel, Unknown } from '../ResultPanel';
import { curlOf, jsonRequest } from '../requests';
import { cosine, lateInteraction, readTokenVectors, readVectors } from '../responses';
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

/** An embedding of each sentence, or of each of its tokens. */
type Embedded = { ofTexts: number[][] } | { ofTokens: number[][][] };

function embeddedIn(json: unknown): Embedded | null {
  const ofTexts = readVectors(json);
  if (ofTexts) return { ofTexts };
  const ofTokens = readTokenVectors(json);
  return ofTokens && { ofTokens };
}

const countOf = (found: Embedded | null): number =>
  found === null ? 0 : 'ofTexts' in found ? found.ofTexts.length : found.ofTokens.length;

function noteOf(found: Embedded | null, known: number | undefined): string | null {
  if (found && 'ofTokens' in found) {
    const width = found.ofTokens[0]?.[0]?.length ?? 0;
    return `${plural(width, 'dimension')} per token, mean of the best matches`;
  }
  const size = found?.ofTexts[0]?.length ?? known;
  return size ? `${plural(size, 'dimension')} per sentence` : null;
}

function Compared({ sentences, found }: { sentences: readonly string[]; found: Embedded | null }) {
  if (found === null || countOf(found) < sentences.length) return <Unknown />;
  return 'ofTexts' in found ? (
    <HeatMap sentences={sentences} vectors={found.ofTexts} similarity={cosine} />
  ) : (
    <HeatMap sentences={sentences} vectors={found.ofTokens} similarity={lateInteraction} />
  );
}

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
  const found = run.exchange ? embeddedIn(run.exchange.json) : null;
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
        note={noteOf(found, info?.model?.dimensions)}
        spoken={found ? `${plural(countOf(found), 'sentence')} compared` : ''}
        onRetry={() => go()}
      >
        {run.exchange === null ? null : <Compared sentences={compared} found={found} />}
      </ResultPanel>
    </Workspace>
  );
}
