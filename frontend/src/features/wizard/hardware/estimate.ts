import type { Hardware } from '@/api/types';

const BYTES: Record<string, number> = { float32: 4, bfloat16: 2, float16: 2 };

export interface Estimate {
  total: number;
  weights: number;
  rest: number;
}

/** What `auto` stands for until Prepare has measured: the API's own estimate assumes the same. */
export const ASSUMED = 'float32';

/**
 * Memory of one choice, from the API's estimate in full precision: weights shrink with the number
 * format, what is around them does not.
 */
export function estimateFor(
  hardware: Pick<Hardware, 'dtype' | 'workers'>,
  parameters: number | null,
  inFull: number | null,
): Estimate | null {
  if (inFull === null) return null;
  const dtype = hardware.dtype === 'auto' ? ASSUMED : hardware.dtype;
  const full = Math.min(inFull, (parameters ?? 0) * (BYTES.float32 ?? 4));
  const weights = (full * (BYTES[dtype] ?? 4)) / 4;
  const rest = inFull - full;
  const { workers } = hardware;
  return { total: (weights + rest) * workers, weights: weights * workers, rest: rest * workers };
}
