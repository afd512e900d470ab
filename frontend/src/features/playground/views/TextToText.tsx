import type { Exchange } from '../call';
import { History } from '../History';
import { InputCard, type Sample } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { readText } from '../responses';
import { TextResult } from '../results/TextResult';
import { exampleText, lengthNote, useTextForm } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const ARTICLE: Sample = {
  label: 'Longer',
  text: 'The ferry between the two halves of the town was to stop in spring, for the new bridge was ready. But on the morning of its last trip four hundred people stood at the pier, among them the mayor, who had once called it a museum with an engine. The company has now promised to sail on Sundays until the end of the year, and to count how many come.',
};

const TITLES: Readonly<Record<string, string>> = {
  summarization: 'Summary',
  translation: 'Translation',
};

const tell = ({ json }: Exchange) => {
  const text = readText(json);
  return text === null ? null : { answer: text, figure: `${text.length}` };
};

/** A text in, a text out: summaries, translations, and what else a model was trained to write. */
export default function TextToText(props: ViewProps) {
  const { task, info } = props;
  const { text, setText, parameters, run, history, go, form } = useTextForm(props, tell);
  const example: Sample = { label: 'Sample', text: exampleText(task.example) };
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <InputCard
        title="Text"
        note={lengthNote(text, info?.model?.max_input_tokens)}
        value={text}
        onChange={setText}
        placeholder="Write or paste a text"
        samples={task.name === 'summarization' ? [example, ARTICLE] : [example]}
        onSample={(sample) => go(sample.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <TextResult title={TITLES[task.name] ?? 'Answer'} run={run} onRetry={() => go()} />
      <History list={history.list} shown={run.about} onPick={go} onClear={history.clear} />
    </Workspace>
  );
}
