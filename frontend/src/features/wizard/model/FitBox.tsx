import type { Fit } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { ToneBadge } from '@/components/ui/StateBadge';
import { FITS } from '@/components/ui/states';
import { toneClass } from '@/components/ui/tones';
import { formatMemory, memoryPair } from '@/lib/format';
import classes from './FitBox.module.css';

const LABEL = {
  fits: 'Fits this machine',
  tight: 'Tight on this machine',
  'does-not-fit': 'Does not fit',
  unknown: 'Size unknown',
} as const;

/** Fit with its numbers, its bar and its reason. */
export function FitBox({ fit }: { fit: Fit }) {
  const view = FITS[fit.verdict];
  const needed = fit.needed_bytes;
  const share = needed === null ? 0 : Math.min(1, needed / Math.max(1, fit.free_bytes));
  return (
    <div className={cx(classes.box, toneClass(view.tone))}>
      <div className={classes.head}>
        <ToneBadge label={LABEL[fit.verdict]} tone={view.tone} icon={view.icon} variant="plain" />
        {needed === null ? null : <Numbers needed={needed} free={fit.free_bytes} />}
      </div>
      <div className={classes.track} aria-hidden>
        <div className={classes.fill} style={{ width: `${100 * share}%` }} />
      </div>
      <p className={classes.reason}>
        {fit.verdict === 'fits' && needed !== null
          ? `Leaves ${formatMemory(fit.free_bytes - needed)} for everything else.`
          : fit.reason}
      </p>
    </div>
  );
}

function Numbers({ needed, free }: { needed: number; free: number }) {
  const pair = memoryPair(needed, free);
  return (
    <span className={classes.numbers}>
      {pair.needed} of {pair.free} free
    </span>
  );
}
