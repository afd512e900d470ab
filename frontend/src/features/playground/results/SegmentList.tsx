import { plural } from '@/lib/format';
import { LabelBars } from '../LabelBars';
import type { Mask } from '../shapes';
import type { Outcome } from '../useRun';
import { inkOf } from './Masks';
import { Result } from './Result';

interface Props {
  run: Outcome;
  onRetry: () => void;
  masks: readonly Mask[] | null;
  format: (score: number) => string;
  chosen: number | null;
  onPoint: (index: number | null) => void;
}

/** The parts of a picture with their scores; pointing at one highlights it in the picture. */
export function SegmentList({ run, onRetry, masks, format, chosen, onPoint }: Props) {
  return (
    <Result
      title={masks ? plural(masks.length, 'segment') : 'Segments'}
      run={run}
      onRetry={onRetry}
      value={masks}
      note={() => 'hover to highlight one'}
      spoken={(parts) => `${plural(parts.length, 'part')} found`}
    >
      {(parts) => (
        <LabelBars
          labels={parts}
          inkOf={inkOf}
          format={format}
          chosen={chosen ?? -1}
          onPoint={onPoint}
        />
      )}
    </Result>
  );
}
