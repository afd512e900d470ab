import { plural } from '@/lib/format';
import type { Exchange } from '../call';
import { Entities } from '../Entities';
import { History } from '../History';
import { InputCard, type Sample } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { ResultPanel, Unknown } from '../ResultPanel';
import { readEntities } from '../responses';
import { exampleText, lengthNote, useTextForm } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const NEWS: Sample = {
  label: 'Longer',
  text: 'In March, Olga Petrova left the University of Tartu to run a bakery in Lisbon, and the city of Porto sent flowers.',
};

function tell({ json }: Exchange) {
  const found = readEntities(json);
  if (!found) return null;
  const [first] = found;
  return { answer: first?.word ?? 'Nothing', figure: String(found.length) };
}

export default function TokenClassification(props: ViewProps) {
  const { task, info } = props;
  const { text, setText, parameters, run, history, go, form } = useTextForm(props, tell);
  const found = run.exchange ? readEntities(run.exchange.json) : null;
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <InputCard
        title="Text"
        note={lengthNote(text, info?.model?.max_input_tokens)}
        value={text}
        onChange={setText}
        placeholder="Write or paste a text with names and places"
        samples={[{ label: 'Sample', text: exampleText(task.example) }, NEWS]}
        onSample={(sample) => go(sample.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <ResultPanel
        problem={run.problem}
        note={found ? plural(found.length, 'entity', 'entities') : null}
        spoken={found ? `${plural(found.length, 'entity', 'entities')} found` : ''}
        onRetry={() => go()}
      >
        {run.exchange === null ? null : found ? (
          <Entities text={run.about ?? ''} entities={found} />
        ) : (
          <Unknown />
        )}
      </ResultPanel>
      <History list={history.list} shown={run.about} onPick={go} onClear={history.clear} />
    </Workspace>
  );
}
