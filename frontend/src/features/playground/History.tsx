import { UnstyledButton } from '@mantine/core';
import { Section } from '@/components/ui/Section';
import { formatMs } from '@/lib/format';
import classes from './History.module.css';
import type { Earlier } from './history';

interface Props {
  list: readonly Earlier[];
  /** The run that is on the page already. */
  shown: string | null;
  onPick: (input: string) => void;
  onClear: () => void;
}

/** Earlier runs of this tab; a press puts the input back. */
export function History({ list, shown, onPick, onClear }: Props) {
  const older = list.filter(({ input }) => input !== shown);
  if (older.length === 0) return null;
  return (
    <Section
      title="History of this tab"
      note={
        <UnstyledButton className={classes.clear} onClick={onClear}>
          Clear
        </UnstyledButton>
      }
    >
      <ul className={classes.list}>
        {older.map(({ input, answer, figure, ms }) => (
          <li key={input}>
            <UnstyledButton className={classes.row} onClick={() => onPick(input)}>
              <span className={classes.input}>{input}</span>
              <span className={classes.answer}>{answer}</span>
              <span className={classes.figure}>{figure}</span>
              <span className={classes.ms}>{formatMs(ms)}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}
