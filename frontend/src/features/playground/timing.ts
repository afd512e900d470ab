/** `Server-Timing` as the parts of one bar. */

export interface TimingPart {
  name: string;
  ms: number;
}

export interface Timing {
  parts: readonly TimingPart[];
  totalMs: number;
}

const ENTRY = /^\s*([\w-]+)\s*(?:;\s*dur=([\d.]+))?/;
// Less than this is rounding, not work.
const NOTHING_MS = 0.05;

function entries(header: string): TimingPart[] {
  return header.split(',').flatMap((text) => {
    const [, name, ms] = ENTRY.exec(text) ?? [];
    const value = Number(ms);
    return name && ms && Number.isFinite(value) ? [{ name, ms: value }] : [];
  });
}

/**
 * What `total` has beyond its named parts becomes `other`. Parts that run beside each other may add
 * up to more than the total. Null: the header tells no duration.
 */
export function parseServerTiming(header: string | null): Timing | null {
  const found = entries(header ?? '');
  if (found.length === 0) return null;
  const parts = found.filter(({ name }) => name !== 'total');
  const sum = parts.reduce((ms, part) => ms + part.ms, 0);
  const totalMs = found.find(({ name }) => name === 'total')?.ms ?? sum;
  const rest = totalMs - sum;
  return {
    parts: rest > NOTHING_MS ? [...parts, { name: 'other', ms: rest }] : parts,
    totalMs,
  };
}

const isTokenize = (name: string): string => (name === 'tokenize' ? 'decode' : name);

/** Reading a picture or a sound is decoding, whatever the header calls it. */
export const asDecode = (timing: Timing | null): Timing | null =>
  timing && {
    ...timing,
    parts: timing.parts.map(({ name, ms }) => ({ name: isTokenize(name), ms })),
  };
