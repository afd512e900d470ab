import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatEstimate,
  formatMemory,
  formatMs,
  formatParameters,
  formatPercent,
  memoryPair,
  plural,
} from './format';

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [2_100_000, '2.10 MB'],
    [26_000_000, '26.0 MB'],
    [267_832_558, '268 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.00 GB'],
    [3_090_000_000, '3.09 GB'],
    [118_000_000_000, '118 GB'],
  ])('%d reads %s: decimal, three significant digits', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('memory has one decimal in gigabytes, and small models do not show 0.0', () => {
    expect(memoryPair(3.8e9, 11e9)).toEqual({ needed: '3.8', free: '11.0 GB' });
    expect(memoryPair(2.1e6, 11e9)).toEqual({ needed: '2.10 MB', free: '11.0 GB' });
    expect(formatMemory(412e6)).toBe('0.4 GB');
    expect(formatMemory(12e6)).toBe('12.0 MB');
  });
});

describe('time', () => {
  test.each([
    [0.0121, '12 ms'],
    [0.6, '0.6 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.6, '1 min'],
    [98, '1 min 38 s'],
    [11_520, '3 h 12 min'],
    [90_000, '1 day 1 h'],
    [6 * 86_400, '6 days'],
  ])('%d s reads %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test.each([
    [0.2, 'about 1 s'],
    [8.6, 'about 9 s'],
    [29, 'about 30 s'],
    [56, 'about 55 s'],
    [58, 'about 1 min'],
    [200, 'about 3 min'],
    [7500, 'about 2 h 5 min'],
  ])('an estimate of %d s is rounded to %s', (seconds, text) => {
    expect(formatEstimate(seconds)).toBe(text);
  });

  test.each([
    [0, '0.0 ms'],
    [0.01, '10.0 µs'],
    [0.0996, '0.1 ms'],
    [1.24, '1.2 ms'],
    [9.96, '10 ms'],
    [18.4, '18 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [2400, '2.4 s'],
    [98_000, '1 min 38 s'],
    [11_520_000, '3 h 12 min'],
  ])('a latency of %d ms reads %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });
});

test.each([
  [0, '0'],
  [0.42, '0.4'],
  [9.96, '10'],
  [248, '248'],
  [99_999, '99,999'],
  [100_000, '100 k'],
  [1_254_000, '1.25 M'],
  [3_000_000_000, '3.00 B'],
])('a count of %d reads %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test('parameter counts are formatted', () => {
  expect([1_540_000_000, 362_000_000, 66_955_010, 4_400, 12].map(formatParameters)).toEqual([
    '1.54 B',
    '362 M',
    '67.0 M',
    '4 k',
    '12',
  ]);
});

test('shares and counts', () => {
  expect([formatPercent(0.8741), formatPercent(1), formatPercent(0.5, 0)]).toEqual([
    '87.4%',
    '100%',
    '50%',
  ]);
  expect([plural(1, 'model'), plural(1480, 'model')]).toEqual(['1 model', '1,480 models']);
});
