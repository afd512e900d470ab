import type { Fit } from '@/api/types';
import { formatMemory, inGb, memoryPair } from '@/lib/format';
import { cx } from './cx';
import classes from './FitBadge.module.css';
import { ToneBadge } from './StateBadge';
import { FITS } from './states';

/** The two numbers that decide: "3.8 of 11.0 GB free", or "needs 16.8 GB, 11.0 free". */
export function fitNumbers(fit: Fit): string {
  if (fit.needed_bytes === null) return '';
  if (fit.verdict === 'does-not-fit') {
    return `needs ${formatMemory(fit.needed_bytes)}, ${inGb(fit.free_bytes)} free`;
  }
  const { needed, free } = memoryPair(fit.needed_bytes, fit.free_bytes);
  return `${needed} of ${free} free`;
}

export function FitBadge({ fit, className }: { fit: Fit; className?: string | undefined }) {
  return (
    <span className={cx(classes.fit, className)} title={fit.reason}>
      <ToneBadge {...FITS[fit.verdict]} variant="plain" />
      <span className={classes.numbers}>{fitNumbers(fit)}</span>
    </span>
  );
}
