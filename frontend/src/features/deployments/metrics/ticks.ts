/** Round steps for an axis that begins at zero. */

const STEPS = [1, 2, 2.5, 5, 10] as const;
const GAPS = 3;

/** Three even steps up to `most` or above; `whole` for things that are counted. */
export function ticksTo(most: number, whole = false): number[] {
  if (!(most > 0)) return whole ? [0, 1] : [0, 1, 2, 3];
  const raw = most / GAPS;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const found = STEPS.find((step) => step * unit >= raw * 0.999) ?? 10;
  const step = whole ? Math.max(1, Math.ceil(found * unit)) : found * unit;
  const count = Math.max(1, Math.ceil(most / step - 0.001));
  // 0.1 + 0.2 must not be written out.
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
