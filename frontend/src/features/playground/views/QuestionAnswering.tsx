import { Textarea, TextInput } from '@mantine/core';
import { partsOf, textIn } from '../example';
import { AskCard } from '../fields/AskCard';
import { ParametersForm } from '../ParametersForm';
import { FoundResult } from '../results/FoundResult';
import { useFieldsForm } from '../useFieldsForm';
import { lengthNote } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const FERRY = {
  context:
    'The first ferry crossed the fjord on 3 May 1912 with nineteen passengers and a cow. Its captain, Signe Dahl, had learned to sail on her father’s fishing boat and stayed at the wheel for thirty-one years.',
  question: 'Who was the captain of the first ferry?',
};

/** A question, a text, and the words of the text that answer it. */
export default function QuestionAnswering(props: ViewProps) {
  const { inputs } = partsOf(props.task.example);
  const example = { question: textIn(inputs, 'question'), context: textIn(inputs, 'context') };
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm(
    props,
    example,
    ({ question, context }) =>
      question.trim() && context.trim() ? { inputs: { question, context } } : null,
  );
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <AskCard
        title="Question and text"
        note={lengthNote(fields.context, props.info?.model?.max_input_tokens)}
        samples={[
          { label: 'Sample', onPick: () => go(example) },
          { label: 'A ferry', onPick: () => go(FERRY) },
        ]}
        run={runButton}
      >
        <TextInput
          label="Question"
          value={fields.question}
          onChange={(event) => set({ question: event.currentTarget.value })}
        />
        <Textarea
          label="Text"
          autosize
          minRows={3}
          maxRows={14}
          value={fields.context}
          onChange={(event) => set({ context: event.currentTarget.value })}
        />
      </AskCard>
      <FoundResult run={run} onRetry={() => go()} context={run.about?.context ?? ''} />
    </Workspace>
  );
}
