import { expect, test } from 'vitest';
import { ticksTo } from './ticks';

test('returns even, round steps that cover the maximum', () => {
  expect(ticksTo(248)).toEqual([0, 100, 200, 300]);
  expect(ticksTo(59)).toEqual([0, 20, 40, 60]);
  expect(ticksTo(600e6)).toEqual([0, 200e6, 400e6, 600e6]);
  expect(ticksTo(0.3)).toEqual([0, 0.1, 0.2, 0.3]);
});

test('uses integers for counts', () => {
  expect(ticksTo(1, true)).toEqual([0, 1]);
  expect(ticksTo(4, true)).toEqual([0, 2, 4]);
  expect(ticksTo(0, true)).toEqual([0, 1]);
});

test('returns ticks without data', () => {
  expect(ticksTo(0)).toHaveLength(4);
  expect(ticksTo(Number.NaN)).toHaveLength(4);
});
