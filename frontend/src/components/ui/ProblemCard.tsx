import { IconAlertCircle } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Problem } from '@/api/types';
import { CopyButton } from './CopyButton';
import classes from './ProblemCard.module.css';

interface Props {
  problem: Problem;
  /** Under the title: how far it came and what is kept. */
  summary?: ReactNode;
  /** Why it happened, where it is known apart from what happened. */
  why?: ReactNode;
  /** Buttons that do the remedy, the recommended one first. */
  actions?: ReactNode;
  /** A failure that happens before one's eyes takes the focus to its title. */
  takesFocus?: boolean;
}

/** A failure told as what happened, why, and what to do, with buttons which do it. */
export function ProblemCard({ problem, summary, why, actions, takesFocus = false }: Props) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) title.current?.focus();
  }, [takesFocus]);
  return (
    <section className={classes.card} role="alert">
      <div className={classes.head}>
        <IconAlertCircle size={20} stroke={1.75} aria-hidden />
        <div>
          <h2 ref={title} tabIndex={-1} className={classes.title}>
            {problem.title}
          </h2>
          {summary ? <p className={classes.summary}>{summary}</p> : null}
        </div>
      </div>
      <dl className={classes.columns}>
        <Column term="What happened">{problem.detail}</Column>
        {why ? <Column term="Why">{why}</Column> : null}
        <Column term="What to do">{problem.remedy}</Column>
      </dl>
      <div className={classes.foot}>
        <div className={classes.actions}>{actions}</div>
        <div className={classes.report}>
          <code className={classes.code}>{problem.code}</code>
          <CopyButton
            value={JSON.stringify(problem, null, 2)}
            label="Copy report"
            what="report"
            variant="subtle"
            color="gray"
            size="sm"
          />
        </div>
      </div>
    </section>
  );
}

function Column({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className={classes.column}>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
