import { formatCount, formatMs } from '@/lib/format';
import { clockSeconds } from '@/lib/time';
import { axisOf, type Quantity } from './axis';
import type { Row } from './series';

export const COLORS = {
  main: 'var(--sw-chart-1)',
  second: 'var(--sw-chart-2)',
  third: 'var(--sw-chart-3)',
  quiet: 'var(--sw-chart-4)',
  warn: 'var(--sw-warn-bar)',
  bad: 'var(--sw-bad-bar)',
} as const;

/** The lines differ by weight and dash as well; p95 is the one that counts. */
export const LINES = [
  { name: 'p50', color: COLORS.quiet },
  { name: 'p90', color: COLORS.third },
  { name: 'p95', color: COLORS.main },
  { name: 'p99', color: COLORS.second, strokeDasharray: '3 3' },
] as const;

/** "248", "9.8", "0.4", "1.25 M"; a dash where there is no value. */
export const numberOf = (value: number | null): string =>
  value === null ? '–' : formatCount(value);

/** Requests are whole, also where neighbouring moments were added up. */
export const countOf = (count: number): string =>
  formatCount(Math.round(count)).replace(/\.0$/, '');

export const latencyOf = (ms: number | null): string => (ms === null ? '–' : formatMs(ms));

/** "18" and "ms", for a large number with a small unit; what has two units stays whole. */
export function splitUnit(text: string): readonly [value: string, unit: string] {
  const words = text.split(' ');
  const [value = '', unit = ''] = words;
  return words.length > 2 ? [text, ''] : [value, unit];
}

const minutes = (at: string): string => clockSeconds(at).slice(0, 5);
const MINUTE_MS = 60_000;

/** The axis says minutes; seconds too where several of its ticks would share a minute. */
export function timeAxis(rows: readonly Row[]) {
  const span = Date.parse(rows.at(-1)?.at ?? '') - Date.parse(rows[0]?.at ?? '');
  const tickFormatter = span < 5 * MINUTE_MS ? clockSeconds : minutes;
  return { tickFormatter, minTickGap: 70, interval: 'preserveStartEnd' } as const;
}

export const common = {
  h: '100%',
  // Unique, which the second of a row need not be; ticks and tooltip show the clock.
  dataKey: 'at',
  gridAxis: 'x',
  strokeDasharray: '0',
  tickLine: 'none',
  gridColor: 'var(--sw-line)',
  textColor: 'var(--sw-dim)',
  valueFormatter: numberOf,
  tooltipAnimationDuration: 0,
  tooltipProps: { labelFormatter: (at: unknown) => clockSeconds(String(at)) },
} as const;

/** One crosshair for all charts, and room above the topmost number. */
export const shared = { syncId: 'metrics', margin: { top: 8, right: 8, bottom: 0, left: 0 } };

/** Wide enough for the longest label that `axisOf` writes; one width aligns the four charts. */
const AXIS_WIDTH = 66;

export function axisTo(quantity: Quantity, most: number) {
  const { ticks, label } = axisOf(quantity, most);
  return {
    width: AXIS_WIDTH,
    ticks,
    domain: [0, ticks.at(-1) ?? 1],
    interval: 0 as const,
    tickFormatter: label,
  };
}

/** A limit far above all values would press them to the floor; it is told in words then. */
export const drawsLimit = (most: number, limit: number | null): boolean =>
  limit !== null && most * 4 > limit;

/** Limits are dashed and amber, everywhere. */
export const limitLine = (limit: number | null) =>
  limit === null ? [] : [{ y: limit, color: COLORS.warn, strokeDasharray: '4 3' }];
