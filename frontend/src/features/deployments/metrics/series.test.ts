import { expect, test } from 'vitest';
import type { Moment } from '@/api/types';
import { clock } from '@/lib/time';
import { anomalyOf, rowsOf, totalsOf } from './series';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 2, 10, 0, second)).toISOString();

const moment = (second: number, changes: Partial<Moment> = {}): Moment => ({
  at: at(second),
  seconds: 5,
  requests: { '2xx': 10 },
  latency_ms: { p50: 10, p90: 12, p95: 14, p99: 20 },
  queue_depth: 0,
  in_flight: 0,
  batch_size: 2,
  memory_bytes: 400e6,
  ...changes,
});

const many = (length: number): Moment[] => Array.from({ length }, (_, i) => moment(i * 5));

test('one hour becomes sixty rows with every request counted', () => {
  const rows = rowsOf({ moments: many(719) });
  expect(rows).toHaveLength(60);
  expect(rows.reduce((sum, row) => sum + row.ok, 0)).toBe(7190);
});

test('grouping keeps the peak', () => {
  const moments = many(120);
  moments[7] = moment(35, { latency_ms: { p50: 10, p90: 12, p95: 900, p99: 950 } });
  expect(Math.max(...rowsOf({ moments }).map((row) => row.p95 ?? 0))).toBe(900);
});

test('an interval without requests has null latency, not zero', () => {
  const idle = moment(0, {
    requests: {},
    latency_ms: { p50: null, p90: null, p95: null, p99: null },
    batch_size: null,
    memory_bytes: null,
  });
  expect(rowsOf({ moments: [idle] })[0]).toMatchObject({
    ok: 0,
    p50: null,
    batch: null,
    memory: null,
  });
});

test('totals match the server', () => {
  expect(totalsOf({ requests: { '2xx': 5, '4xx': 2, '5xx': 1 } })).toEqual({
    all: 8,
    ok: 5,
    refused: 2,
    failed: 1,
  });
});

test('reports the latest period of failures, and server errors before client errors', () => {
  const moments = many(6);
  moments[1] = moment(5, { requests: { '5xx': 9 } });
  moments[3] = moment(15, { requests: { '5xx': 1 } });
  moments[4] = moment(20, { requests: { '4xx': 3 } });
  const sentence = anomalyOf(rowsOf({ moments }));
  expect(sentence).toBe(
    `At ${clock(at(15))}, 1 request failed with a 5xx status; see the log for the cause.`,
  );
});

test('a failure during a load test says so, one outside of it does not', () => {
  const rows = rowsOf({
    moments: [moment(0), moment(5, { requests: { '4xx': 4 }, queue_depth: 2 })],
  });
  const inTest = ({ at: end }: { at: string }) => end === at(5);
  expect(anomalyOf(rows, inTest)).toBe(
    `At ${clock(at(5))}, 4 requests got a 4xx status during a load test.`,
  );
  expect(anomalyOf(rows, () => false)).toMatch(/4xx status while others waited\.$/);
});

test('reports nothing without failures', () => {
  expect(anomalyOf(rowsOf({ moments: many(3) }))).toBeNull();
  expect(rowsOf({ moments: [] })).toEqual([]);
});
