import { Textarea } from '@mantine/core';
import { type Decided, readDecisions } from '../decisions';
import { partsOf, textIn } from '../example';
import { AskCard } from '../fields/AskCard';
import { LabelBars } from '../LabelBars';
import { Winner } from '../ResultPanel';
import { pretty } from '../requests';
import { isFields } from '../responses';
import { Result } from '../results/Result';
import { useFieldsForm } from '../useFieldsForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';
import classes from './Decision.module.css';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What is known, typed questions about it, and a probability for each option. */
export default function Decision(props: ViewProps) {
  const { inputs } = partsOf(props.task.example);
  const example = {
    state: textIn(inputs, 'state'),
    questions: isFields(inputs.questions) ? pretty(inputs.questions) : '',
  };
  const { fields, set, run, go, runButton, form } = useFieldsForm(
    props,
    example,
    ({ state, questions }) => {
      const asked = parsed(questions);
      return state.trim() && isFields(asked) ? { inputs: { state, questions: asked } } : null;
    },
  );
  const isBroken = fields.questions.trim() !== '' && !isFields(parsed(fields.questions));
  return (
    <Workspace {...form}>
      <AskCard
        title="State and questions"
        samples={[{ label: 'Sample', onPick: () => go(example) }]}
        run={runButton}
      >
        <Textarea
          label="State"
          autosize
          minRows={2}
          maxRows={10}
          value={fields.state}
          onChange={(event) => set({ state: event.currentTarget.value })}
        />
        <Textarea
          label="Questions"
          description="JSON object of questions by name; the type of each is noul, choice or score"
          error={isBroken ? 'This is not a JSON object.' : null}
          autosize
          minRows={4}
          maxRows={16}
          spellCheck={false}
          classNames={{ input: classes.code ?? '' }}
          value={fields.questions}
          onChange={(event) => set({ questions: event.currentTarget.value })}
        />
      </AskCard>
      <Result
        run={run}
        onRetry={() => go()}
        value={readDecisions(run.exchange?.json)}
        spoken={(all) => all.map(({ name, winner }) => `${name}: ${winner}`).join('. ')}
      >
        {(all) => all.map((one) => <Question key={one.name} decided={one} />)}
      </Result>
    </Workspace>
  );
}

function Question({ decided: { name, winner, note, options } }: { decided: Decided }) {
  return (
    <section className={classes.question} aria-label={name}>
      <h3>{name}</h3>
      <Winner sure={note}>{winner}</Winner>
      <LabelBars labels={options} />
    </section>
  );
}
