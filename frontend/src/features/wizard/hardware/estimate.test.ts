import { expect, test } from 'vitest';
import { estimateFor } from './estimate';
import { memoryVerdict } from './memory';

test('half the precision halves the weights only', () => {
  const inFull = estimateFor({ dtype: 'float32', workers: 1 }, 1e9, 5e9);
  expect(inFull).toEqual({ total: 5e9, weights: 4e9, rest: 1e9 });
  expect(estimateFor({ dtype: 'bfloat16', workers: 1 }, 1e9, 5e9)).toEqual({
    total: 3e9,
    weights: 2e9,
    rest: 1e9,
  });
});

test('every worker has its own copy', () => {
  expect(estimateFor({ dtype: 'bfloat16', workers: 3 }, 1e9, 5e9)?.total).toBe(9e9);
});

test('no estimate without data', () => {
  expect(estimateFor({ dtype: 'auto', workers: 1 }, 1e9, null)).toBeNull();
  expect(memoryVerdict(null, 1e9, 1e9).verdict).toBe('unknown');
});

test('the verdict states missing or free memory', () => {
  expect(memoryVerdict(3.8e9, 11e9, 8e9)).toEqual({
    verdict: 'fits',
    text: 'Fits, with 7.2 GB to spare',
  });
  expect(memoryVerdict(9.9e9, 11e9, 12e9).verdict).toBe('tight');
  expect(memoryVerdict(16.8e9, 11e9, 20e9).text).toBe('Does not fit, 5.8 GB short');
  expect(memoryVerdict(9e9, 11e9, 8e9).text).toBe('Above its limit of 8.0 GB');
});
