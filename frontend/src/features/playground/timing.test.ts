import { expect, test } from 'vitest';
import { parseServerTiming } from './timing';

test('names the parts in their order and adds what the total has beyond them', () => {
  const timing = parseServerTiming(
    'queue;dur=0.4, tokenize;dur=0.6, infer;dur=10.8, total;dur=12.1',
  );
  expect(timing?.totalMs).toBe(12.1);
  expect(timing?.parts.map(({ name }) => name)).toEqual(['queue', 'tokenize', 'infer', 'other']);
  expect(timing?.parts[3]?.ms).toBeCloseTo(0.3);
});

test('shows no rest where the parts make up the total', () => {
  expect(parseServerTiming('infer;dur=3.00, total;dur=3.01')?.parts).toHaveLength(1);
});

test('adds the parts up where no total is told', () => {
  expect(parseServerTiming('a;dur=1, b;dur=2')?.totalMs).toBe(3);
});

test('believes the total where parts ran beside each other', () => {
  const timing = parseServerTiming('queue;dur=2000, infer;dur=2500, total;dur=2800');
  expect(timing?.totalMs).toBe(2800);
  expect(timing?.parts).toHaveLength(2);
});

test('says nothing about a header without durations', () => {
  expect(parseServerTiming('miss, hit;desc="x"')).toBeNull();
  expect(parseServerTiming(null)).toBeNull();
});
