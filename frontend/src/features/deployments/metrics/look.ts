import { clockSeconds } from '@/lib/time';
import type { Row } from './series';
import { ticksTo } from './ticks';

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

/** "248", "9.8", "0.4": three significant digits at most. */
export function numberOf(value: number | null): string {
  if (value === null) return '–';
  if (value === 0) return '0';
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

/** A row's place on the axis: its time to the second. */
export const rowsWithTime = (rows: readonly Row[]): (Row & { time: string })[] =>
  rows.map((row) => ({ ...row, time: clockSeconds(row.at) }));

const minutes = (time: string): string => time.slice(0, 5);
const MINUTE_MS = 60_000;

/** The axis says minutes; seconds too where several of its ticks would share a minute. */
export function timeAxis(rows: readonly Row[]) {
  const span = Date.parse(rows.at(-1)?.at ?? '') - Date.parse(rows[0]?.at ?? '');
  const tickFormatter = span < 5 * MINUTE_MS ? String : minutes;
  return { tickFormatter, minTickGap: 70, interval: 'preserveStartEnd' } as const;
}

export const common = {
  h: '100%',
  dataKey: 'time',
  gridAxis: 'x',
  strokeDasharray: '0',
  tickLine: 'none',
  gridColor: 'var(--sw-line)',
  textColor: 'var(--sw-dim)',
  valueFormatter: numberOf,
  tooltipAnimationDuration: 0,
} as const;

/** One crosshair for all charts, and room above the topmost number. */
export const shared = { syncId: 'metrics', margin: { top: 8, right: 8, bottom: 0, left: 0 } };

export function axisTo(most: number, whole = false) {
  const ticks = ticksTo(most, whole);
  return {
    width: 48,
    ticks,
    domain: [0, ticks.at(-1) ?? 1],
    interval: 0 as const,
    ...(whole ? { tickFormatter: String } : {}),
  };
}

/** A limit far above all values would press them to the floor; it is told in words then. */
export const drawsLimit = (most: number, limit: number | null): boolean =>
  limit !== null && most * 4 > limit;

/** Limits are dashed and amber, everywhere. */
export const limitLine = (limit: number | null) =>
  limit === null ? [] : [{ y: limit, color: COLORS.warn, strokeDasharray: '4 3' }];
