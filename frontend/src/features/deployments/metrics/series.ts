/** The window's moments as what the charts draw. Pure: the charts and the table show the same rows. */
import type { Moment, Series } from '@/api/types';
import { clock } from '@/lib/time';

/** One bar, one point of each line, one row of the table. */
export interface Row {
  at: string;
  seconds: number;
  ok: number;
  refused: number;
  failed: number;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  batch: number | null;
  queue: number;
  memory: number | null;
}

/** As many bars as can be told apart. */
const MOST_ROWS = 60;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The most of what is known: a peak must not vanish by being averaged. */
function most(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((one): one is number => typeof one === 'number');
  return known.length === 0 ? null : Math.max(...known);
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((one) => one !== null);
  return known.length === 0 ? null : sum(known) / known.length;
}

const count = (moments: readonly Moment[], kind: string): number =>
  sum(moments.map(({ requests }) => requests[kind] ?? 0));

function rowOf(moments: readonly Moment[]): Row[] {
  const last = moments.at(-1);
  if (!last) return [];
  return [
    {
      at: last.at,
      seconds: sum(moments.map(({ seconds }) => seconds)),
      ok: count(moments, '2xx') + count(moments, '3xx'),
      refused: count(moments, '4xx'),
      failed: count(moments, '5xx'),
      p50: most(moments.map(({ latency_ms }) => latency_ms.p50)),
      p90: most(moments.map(({ latency_ms }) => latency_ms.p90)),
      p95: most(moments.map(({ latency_ms }) => latency_ms.p95)),
      p99: most(moments.map(({ latency_ms }) => latency_ms.p99)),
      batch: mean(moments.map(({ batch_size }) => batch_size)),
      queue: most(moments.map(({ queue_depth }) => queue_depth)) ?? 0,
      memory: most(moments.map(({ memory_bytes }) => memory_bytes)),
    },
  ];
}

/** Neighbouring moments together, so that no more than sixty rows are left. */
export function rowsOf({ moments }: Pick<Series, 'moments'>): Row[] {
  const size = Math.max(1, Math.ceil(moments.length / MOST_ROWS));
  const rows: Row[] = [];
  // Groups are counted from the newest, so the last one is whole.
  for (let end = moments.length; end > 0; end -= size) {
    rows.unshift(...rowOf(moments.slice(Math.max(0, end - size), end)));
  }
  return rows;
}

export interface Totals {
  all: number;
  ok: number;
  refused: number;
  failed: number;
}

/** Of the whole window, as the server counted them. */
export function totalsOf({ requests }: Pick<Series, 'requests'>): Totals {
  const [ok, refused, failed] = [
    (requests['2xx'] ?? 0) + (requests['3xx'] ?? 0),
    requests['4xx'] ?? 0,
    requests['5xx'] ?? 0,
  ];
  return { all: ok + refused + failed, ok, refused, failed };
}

const times = (rows: readonly Row[]): string => {
  const [from, to] = [clock(rows[0]?.at ?? ''), clock(rows.at(-1)?.at ?? '')];
  return from === to ? `At ${from}` : `From ${from} to ${to}`;
};

/** The last rows in a row for which `has` holds, wherever in the window they lie. */
function lastStretch(rows: readonly Row[], has: (row: Row) => boolean): Row[] {
  const end = rows.findLastIndex(has);
  if (end < 0) return [];
  const start = rows.slice(0, end).findLastIndex((row) => !has(row)) + 1;
  return rows.slice(start, end + 1);
}

const requestsOf = (amount: number): string =>
  `${Math.round(amount).toLocaleString('en')} ${Math.round(amount) === 1 ? 'request' : 'requests'}`;

/**
 * One sentence about the newest thing that went wrong. Null: nothing did. `isTested` tells whether
 * a row has requests of a load test.
 */
export function anomalyOf(
  rows: readonly Row[],
  isTested: (row: Row) => boolean = () => false,
): string | null {
  const cause = (stretch: readonly Row[]) => (stretch.every(isTested) ? ' during a load test' : '');
  const failed = lastStretch(rows, (row) => row.failed > 0);
  if (failed.length > 0) {
    const amount = requestsOf(sum(failed.map((row) => row.failed)));
    return `${times(failed)}, ${amount} failed with a 5xx status${cause(failed)}; see the log for the cause.`;
  }
  const refused = lastStretch(rows, (row) => row.refused > 0);
  if (refused.length === 0) return null;
  const amount = requestsOf(sum(refused.map((row) => row.refused)));
  const waited = Math.max(...refused.map((row) => row.queue)) > 0 ? ' while others waited' : '';
  return `${times(refused)}, ${amount} got a 4xx status${cause(refused) || waited}.`;
}
