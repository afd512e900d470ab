import { Fragment } from 'react';
import type { Group } from '@/components/ui/states';
import classes from './Home.module.css';

const WORDS: readonly (readonly [Group, (count: number) => string])[] = [
  ['running', (count) => `${count} running`],
  ['starting', (count) => `${count} starting`],
  ['attention', (count) => `${count} ${count === 1 ? 'needs' : 'need'} attention`],
  ['idle', (count) => `${count} idle`],
];

/** "2 running, 1 starting, 2 need attention, 2 idle" */
export function Summary({ counts }: { counts: Record<Group, number> }) {
  const parts = WORDS.filter(([group]) => counts[group] > 0);
  return (
    <p>
      {parts.map(([group, words], index) => (
        <Fragment key={group}>
          {index > 0 ? ', ' : ''}
          <span className={group === 'attention' ? classes.attention : undefined}>
            {words(counts[group])}
          </span>
        </Fragment>
      ))}
    </p>
  );
}
