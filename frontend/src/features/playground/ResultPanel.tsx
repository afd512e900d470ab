import { Button, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Problem } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Section } from '@/components/ui/Section';
import classes from './ResultPanel.module.css';

interface Props {
  problem: Problem | null;
  note?: ReactNode;
  /** One sentence for those who hear the page. */
  spoken?: string;
  title?: string;
  onRetry?: () => void;
  /** Null: nothing was asked yet. */
  children: ReactNode | null;
}

/** The place of the answer: waiting, the answer as its task draws it, or what went wrong. */
export function ResultPanel({ problem, note, spoken, title = 'Answer', onRetry, children }: Props) {
  if (problem !== null) {
    return (
      <ProblemCard
        problem={problem}
        actions={
          onRetry && problem.retryable ? (
            <Button variant="default" onClick={onRetry}>
              Try again
            </Button>
          ) : null
        }
      />
    );
  }
  return (
    <Section title={title} note={note}>
      <VisuallyHidden role="status">{spoken ?? ''}</VisuallyHidden>
      {children ?? <p className={classes.waiting}>Run to see the result.</p>}
    </Section>
  );
}

/** The winner as a display number, and how sure the model is. */
export function Winner({ children, sure }: { children: ReactNode; sure: string }) {
  return (
    <p className={classes.winner}>
      <strong>{children}</strong> <span>{sure}</span>
    </p>
  );
}

/** An answer that this view does not know; the raw panel has it whole. */
export function Unknown() {
  return (
    <p className={classes.waiting}>
      The response does not match the format of this task. See the raw response.
    </p>
  );
}
