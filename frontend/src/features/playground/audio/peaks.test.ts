import { expect, test } from 'vitest';
import { peaksOf } from './peaks';

test('keeps the loudest sample of each slice, scaled to the loudest of all', () => {
  expect(peaksOf(new Float32Array([0.1, -0.5, 0.25, 0]), 2)).toEqual([1, 0.5]);
});

test('draws silence and very short sounds as well', () => {
  expect(peaksOf(new Float32Array(8), 4)).toEqual([0, 0, 0, 0]);
  expect(peaksOf(new Float32Array([1]), 4)).toHaveLength(4);
});
