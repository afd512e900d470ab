import type { ReactNode } from 'react';
import { ResultPanel, Unknown } from '../ResultPanel';
import type { Outcome } from '../useRun';

interface Props<T> {
  title?: string;
  note?: (value: T) => ReactNode;
  /** One sentence for those who hear the page. */
  spoken?: (value: T) => string;
  run: Outcome;
  onRetry: () => void;
  /** The answer as this task has it; null: it has another shape. */
  value: T | null;
  children: (value: T) => ReactNode;
}

/** An answer as its task draws it, once there is one of the task's shape. */
export function Result<T>({ title, note, spoken, run, onRetry, value, children }: Props<T>) {
  const drawn = value === null ? <Unknown /> : children(value);
  return (
    <ResultPanel
      {...(title === undefined ? {} : { title })}
      problem={run.problem}
      note={value === null ? null : note?.(value)}
      spoken={value === null ? '' : (spoken?.(value) ?? '')}
      onRetry={onRetry}
    >
      {run.exchange === null ? null : drawn}
    </ResultPanel>
  );
}
