import type { ReactNode } from 'react';
import classes from './Facts.module.css';

export type Fact = readonly [term: string, value: ReactNode];

/** Terms on the left in one column, values beside them. Null values are left out. */
export function Facts({ facts, termWidth = 85 }: { facts: readonly Fact[]; termWidth?: number }) {
  return (
    <dl className={classes.facts} style={{ gridTemplateColumns: `${termWidth}px minmax(0, 1fr)` }}>
      {facts.map(([term, value]) =>
        value === null || value === undefined ? null : (
          <div key={term} className={classes.pair}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
