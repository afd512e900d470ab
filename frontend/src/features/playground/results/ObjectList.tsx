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
      note={() => (shown.length > 0 ? 'hover to find one' : null)}
      spoken={() => `${plural(shown.length, 'object')} found`}
    >
      {(found) =>
        shown.length > 0 ? (
          <LabelBars labels={shown} chosen={chosen ?? -1} onPoint={onPoint} />
        ) : (
          <p className={classes.none}>
            {found.length > 0
              ? `Nothing above ${formatPercent(above)}.`
              : 'The model finds nothing it is sure enough of. A lower threshold shows more.'}
          </p>
        )
      }
    </Result>
  );
}
