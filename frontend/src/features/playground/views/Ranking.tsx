import { Textarea, TextInput } from '@mantine/core';
import { plural } from '@/lib/format';
import { linesOf, partsOf, textIn, textsIn } from '../example';
import { AskCard } from '../fields/AskCard';
import { LabelBars, plain } from '../LabelBars';
import { ParametersForm } from '../ParametersForm';
import { Result } from '../results/Result';
import { readNumbers, readRanking } from '../shapes';
import { useFieldsForm } from '../useFieldsForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

interface Words {
  title: string;
  one: string;
  many: string;
  oneField: string;
  manyField: string;
}

/** sentence-similarity and text-ranking ask the same in other words. */
const SIMILARITY: Words = {
  title: 'A sentence and others',
  one: 'Sentence',
  many: 'Compared with',
  oneField: 'source_sentence',
  manyField: 'sentences',
};
const RANKING: Words = {
  title: 'A query and texts',
  one: 'Query',
  many: 'Texts',
  oneField: 'query',
  manyField: 'texts',
};

const SUPPORT = {
  one: 'How do I reset my password?',
  many: [
    'Click "Forgot password" on the log-in page and follow the email.',
    'Our shop is open from nine to six.',
    'A password has at least twelve characters.',
    'The soup at the harbour is excellent.',
  ].join('\n'),
};

function scored(json: unknown): { index: number; score: number }[] | null {
  const rows =
    readRanking(json) ?? readNumbers(json)?.map((score, index) => ({ index, score })) ?? null;
  return rows && [...rows].sort((a, b) => b.score - a.score);
}

/** One text against several, the nearest first. */
export default function Ranking(props: ViewProps) {
  const words = props.task.name === 'sentence-similarity' ? SIMILARITY : RANKING;
  const { inputs } = partsOf(props.task.example);
  const example = {
    one: textIn(inputs, words.oneField),
    many: textsIn(inputs, words.manyField).join('\n'),
  };
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm(
    props,
    example,
    ({ one, many }) =>
      one.trim() && linesOf(many).length > 0
        ? { inputs: { [words.oneField]: one, [words.manyField]: linesOf(many) } }
        : null,
  );
  const texts = linesOf(run.about?.many ?? '');
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <AskCard
        title={words.title}
        samples={[
          { label: 'Sample', onPick: () => go(example) },
          { label: 'A support question', onPick: () => go(SUPPORT) },
        ]}
        run={runButton}
      >
        <TextInput
          label={words.one}
          value={fields.one}
          onChange={(event) => set({ one: event.currentTarget.value })}
        />
        <Textarea
          label={words.many}
          description="One per line"
          autosize
          minRows={3}
          maxRows={14}
          value={fields.many}
          onChange={(event) => set({ many: event.currentTarget.value })}
        />
      </AskCard>
      <Result
        title="Most similar first"
        run={run}
        onRetry={() => go()}
        value={scored(run.exchange?.json)}
        note={(rows) => plural(rows.length, 'text')}
        spoken={([best]) => `Nearest: ${texts[best?.index ?? 0] ?? ''}`}
      >
        {(rows) => (
          <LabelBars
            isLong
            format={plain}
            labels={rows.map(({ index, score }) => ({ label: texts[index] ?? '', score }))}
          />
        )}
      </Result>
    </Workspace>
  );
}
