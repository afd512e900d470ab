import { formatPercent, plural } from '@/lib/format';
import { LabelBars } from '../LabelBars';
import { Winner } from '../ResultPanel';
import { type Label, labelText, readLabels } from '../responses';
import type { Outcome } from '../useRun';
import { Result } from './Result';

interface Props {
  run: Outcome;
  onRetry: () => void;
}

type Labels = [Label, ...Label[]];

function read(json: unknown): Labels | null {
  const [best, ...others] = readLabels(json) ?? [];
  return best ? [best, ...others] : null;
}

const sure = ({ score }: Label): string => `${formatPercent(score)} sure`;

/** The winning label as a display number, then all as bars. */
export function LabelResult({ run, onRetry }: Props) {
  return (
    <Result
      run={run}
      onRetry={onRetry}
      value={read(run.exchange?.json)}
      note={(labels) => plural(labels.length, 'label')}
      spoken={([best]) => `${labelText(best.label)}, ${sure(best)}`}
    >
      {(labels) => (
        <>
          <Winner sure={sure(labels[0])}>{labelText(labels[0].label)}</Winner>
          <LabelBars labels={labels} />
        </>
      )}
    </Result>
  );
}
