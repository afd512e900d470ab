import { formatPercent, plural } from '@/lib/format';
import { LabelBars } from '../LabelBars';
import type { Box } from '../shapes';
import type { Outcome } from '../useRun';
import classes from './ObjectList.module.css';
import { Result } from './Result';

interface Props {
  run: Outcome;
  onRetry: () => void;
  /** All that were found; null: none are known for this picture. */
  all: readonly Box[] | null;
  /** Those that are drawn. */
  shown: readonly Box[];
  above: number;
  chosen: number | null;
  onPoint: (index: number | null) => void;
}

/** What was found, in the order of the boxes over the picture. */
export function ObjectList({ run, onRetry, all, shown, above, chosen, onPoint }: Props) {
  return (
    <Result
      title={all ? plural(shown.length, 'object') : 'Objects'}
      run={run}
      onRetry={onRetry}
      value={all}
      note={() => (shown.length > 0 ? 'hover to highlight one' : null)}
      spoken={() => `${plural(shown.length, 'object')} found`}
    >
      {(found) =>
        shown.length > 0 ? (
          <LabelBars labels={shown} chosen={chosen ?? -1} onPoint={onPoint} />
        ) : (
          <p className={classes.none}>
            {found.length > 0
              ? `No objects above ${formatPercent(above)}.`
              : 'No object reached the threshold. A lower threshold shows more.'}
          </p>
        )
      }
    </Result>
  );
}
