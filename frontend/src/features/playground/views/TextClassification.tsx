import { formatPercent } from '@/lib/format';
import type { Exchange } from '../call';
import { History } from '../History';
import { InputCard, type Sample } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { labelText, readLabels } from '../responses';
import { LabelResult } from '../results/LabelResult';
import { exampleText, lengthNote, useTextForm } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const OPINIONS: readonly Sample[] = [
  { label: 'Positive', text: 'Funny, warm and exactly as long as it should be.' },
  { label: 'Negative', text: 'A film I will never need to see again.' },
  {
    label: 'Mixed',
    text: 'The plot wanders for an hour, and then the last twenty minutes quietly break your heart.',
  },
];

function tell({ json }: Exchange) {
  const best = readLabels(json)?.[0];
  return best ? { answer: labelText(best.label), figure: formatPercent(best.score) } : null;
}

/** Opinions suit a model of opinions; any other gets the task's own example. */
function samplesOf(labels: readonly string[] | undefined, example: unknown): readonly Sample[] {
  const isSentiment = labels?.some((label) => /positive|negative|star/i.test(label)) ?? false;
  return isSentiment ? OPINIONS : [{ label: 'Sample', text: exampleText(example) }];
}

export default function TextClassification(props: ViewProps) {
  const { task, info } = props;
  const { text, setText, parameters, run, history, go, form } = useTextForm(props, tell);
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <InputCard
        title="Text"
        note={lengthNote(text, info?.model?.max_input_tokens)}
        value={text}
        onChange={setText}
        placeholder="Write or paste a text"
        samples={samplesOf(info?.model?.labels, task.example)}
        onSample={(sample) => go(sample.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <LabelResult run={run} onRetry={() => go()} />
      <History list={history.list} shown={run.about} onPick={go} onClear={history.clear} />
    </Workspace>
  );
}
