import type { Hardware, ModelDetail } from '@/api/types';

const BYTES: Record<string, number> = { float32: 4, bfloat16: 2, float16: 2 };

export interface Estimate {
  total: number;
  weights: number;
  rest: number;
}

/** What `auto` stands for until Prepare has measured: the API's own estimate assumes the same. */
export const ASSUMED = 'float32';

type Known = Pick<ModelDetail, 'parameters' | 'estimated_memory_bytes' | 'gguf'>;

/**
 * Memory of one choice, from the API's estimate in full precision, or of the GGUF file that it would
 * choose: weights shrink with the number format or the file, what is around them does not.
 */
export function estimateFor(
  hardware: Pick<Hardware, 'dtype' | 'workers' | 'quantization'>,
  model: Known | undefined,
): Estimate | null {
  const known = model?.estimated_memory_bytes ?? null;
  if (!model || known === null) return null;
  const { stored, chosen } = model.gguf ? ofFile(model.gguf, hardware) : ofFormat(model, hardware);
  const inKnown = Math.min(known, stored);
  const weights = stored > 0 ? (inKnown * chosen) / stored : 0;
  const rest = known - inKnown;
  const { workers } = hardware;
  return { total: (weights + rest) * workers, weights: weights * workers, rest: rest * workers };
}

/** Bytes of the weights that the API's estimate contains, and of those that are chosen. */
interface Weights {
  stored: number;
  chosen: number;
}

function ofFormat({ parameters }: Known, { dtype }: Pick<Hardware, 'dtype'>): Weights {
  const wide = BYTES[dtype === 'auto' ? ASSUMED : dtype] ?? 4;
  return { stored: (parameters ?? 0) * 4, chosen: (parameters ?? 0) * wide };
}

function ofFile(
  { variant, variants }: NonNullable<Known['gguf']>,
  { quantization }: Pick<Hardware, 'quantization'>,
): Weights {
  const chosen = variants.find((one) => one.quantization === quantization) ?? variant;
  return { stored: variant.bytes, chosen: chosen.bytes };
}
