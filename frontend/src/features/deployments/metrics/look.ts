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

/** "248", "9.8", "0.4": three significant digits at most. */
export function numberOf(value: number | null): string {
  if (value === null) return '–';
  if (value === 0) return '0';
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

/** The axis shows minutes; rows within one minute differ by their seconds, which stay in `at`. */
export const readableRows = (rows: readonly Row[]): (Row & { time: string })[] =>
  rows.map((row) => ({ ...row, time: new Date(row.at).toLocaleTimeString('en-GB') }));

const minutes = (time: string): string => time.slice(0, 5);

export const common = {
  dataKey: 'time',
  gridAxis: 'x',
  strokeDasharray: '0',
  tickLine: 'none',
  gridColor: 'var(--sw-line)',
  textColor: 'var(--sw-dim)',
  valueFormatter: numberOf,
  tooltipAnimationDuration: 0,
  xAxisProps: { tickFormatter: minutes, minTickGap: 70, interval: 'preserveStartEnd' },
  yAxisProps: { width: 48, tickCount: 4 },
} as const;

/** Limits are dashed and amber, everywhere. */
export const limitLine = (limit: number | null) =>
  limit === null ? [] : [{ y: limit, color: COLORS.warn, strokeDasharray: '4 3' }];
