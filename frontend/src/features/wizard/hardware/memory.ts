import type { Verdict } from '@/api/types';
import { formatMemory } from '@/lib/format';

const TIGHT_SHARE = 0.85;

/** A preview for the option one looks at; the API's own verdict decides in Review. */
export function memoryVerdict(
  needed: number | null,
  free: number,
  limit: number,
): { verdict: Verdict; text: string } {
  if (needed === null) return { verdict: 'unknown', text: 'Size unknown' };
  if (needed > limit) {
    return { verdict: 'does-not-fit', text: `Above its limit of ${formatMemory(limit)}` };
  }
  if (needed > free) {
    return { verdict: 'does-not-fit', text: `Does not fit, ${formatMemory(needed - free)} short` };
  }
  const spare = formatMemory(free - needed);
  return needed > TIGHT_SHARE * free
    ? { verdict: 'tight', text: `Tight, with ${spare} to spare` }
    : { verdict: 'fits', text: `Fits, with ${spare} to spare` };
}
