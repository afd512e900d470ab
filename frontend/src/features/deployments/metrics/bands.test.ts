import { expect, test } from 'vitest';
import { loadTest } from '@/test/fixtures';
import { bandsOf, isInBand, labelled } from './bands';
import { loadBands } from './loadTestBands';
import { rowsOf } from './series';

const at = (second: number): string =>
  new Date(Date.UTC(2026, 0, 2, 10) + second * 1000).toISOString();

/** Rows of five seconds each; the first ends at second 5. */
const rows = (count: number) =>
  rowsOf({
    moments: Array.from({ length: count }, (_, index) => ({
      at: at(5 + index * 5),
      seconds: 5,
      requests: {},
      latency_ms: { p50: null, p90: null, p95: null, p99: null },
      queue_depth: 0,
      in_flight: 0,
      batch_size: null,
      memory_bytes: null,
    })),
  });

const ran = (from: number, to: number | null) => ({
  started_at: at(from),
  ended_at: to === null ? null : at(to),
});

test('a band covers the rows that have requests of the test', () => {
  expect(bandsOf(rows(10), [ran(7, 16)])).toEqual([{ first: 1, last: 3 }]);
  // Begins and ends where rows do.
  expect(bandsOf(rows(10), [ran(5, 10)])).toEqual([{ first: 1, last: 1 }]);
});

test('a row that a test only touches is not in its band', () => {
  expect(bandsOf(rows(10), [ran(4.9, 10.1)])).toEqual([{ first: 1, last: 1 }]);
});

test('a running test reaches to the newest row', () => {
  expect(bandsOf(rows(4), [ran(12, null)])).toEqual([{ first: 2, last: 3 }]);
});

test('tests outside of the window or without a measurement have no band', () => {
  const never = { started_at: null, ended_at: at(8) };
  expect(bandsOf(rows(4), [ran(40, 50), ran(-20, -10), never])).toEqual([]);
  expect(bandsOf([], [ran(1, 2)])).toEqual([]);
});

test('several tests are bands in order, and a row belongs to any of them', () => {
  const bands = bandsOf(rows(10), [ran(31, 34), ran(6, 9)]);
  expect(bands).toEqual([
    { first: 1, last: 1 },
    { first: 6, last: 6 },
  ]);
  expect([0, 1, 2, 6].map((index) => isInBand(index, bands))).toEqual([false, true, false, true]);
});

test('labels of neighbouring bands do not cover each other', () => {
  const bands = bandsOf(rows(40), [ran(6, 9), ran(16, 19), ran(101, 104)]);
  expect([...labelled(bands, 40)]).toEqual([bands[0], bands[2]]);
});

test('a band in the first row has a width in a line chart', () => {
  const [band] = loadBands(rows(3), [loadTest(ran(1, 4))], 'lines');
  expect([band?.x1, band?.x2]).toEqual([at(5), at(10)]);
});
