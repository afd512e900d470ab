import { expect, test } from 'vitest';
import { parseServerTiming } from './timing';

test('lists the parts in order and adds the remainder of the total', () => {
  const timing = parseServerTiming(
    'queue;dur=0.4, tokenize;dur=0.6, infer;dur=10.8, total;dur=12.1',
  );
  expect(timing?.totalMs).toBe(12.1);
  expect(timing?.parts.map(({ name }) => name)).toEqual(['queue', 'tokenize', 'infer', 'other']);
  expect(timing?.parts[3]?.ms).toBeCloseTo(0.3);
});

test('shows no remainder if the parts add up to the total', () => {
  expect(parseServerTiming('infer;dur=3.00, total;dur=3.01')?.parts).toHaveLength(1);
});

test('sums the parts if no total is given', () => {
  expect(parseServerTiming('a;dur=1, b;dur=2')?.totalMs).toBe(3);
});

test('uses the total if parts overlap', () => {
  const timing = parseServerTiming('queue;dur=2000, infer;dur=2500, total;dur=2800');
  expect(timing?.totalMs).toBe(2800);
  expect(timing?.parts).toHaveLength(2);
});

test('returns nothing for a header without durations', () => {
  expect(parseServerTiming('miss, hit;desc="x"')).toBeNull();
  expect(parseServerTiming(null)).toBeNull();
});
