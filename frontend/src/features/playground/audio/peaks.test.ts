import { expect, test } from 'vitest';
import { peaksOf } from './peaks';

test('keeps the peak of each slice, scaled to the maximum', () => {
  expect(peaksOf(new Float32Array([0.1, -0.5, 0.25, 0]), 2)).toEqual([1, 0.5]);
});

test('handles silence and very short audio', () => {
  expect(peaksOf(new Float32Array(8), 4)).toEqual([0, 0, 0, 0]);
  expect(peaksOf(new Float32Array([1]), 4)).toHaveLength(4);
});
