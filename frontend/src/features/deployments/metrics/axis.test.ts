import { describe, expect, test } from 'vitest';
import { axisOf, type Quantity } from './axis';

const labels = (quantity: Quantity, most: number): string[] => {
  const { ticks, label } = axisOf(quantity, most);
  return ticks.map(label);
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

test.each([
  [0.012, ['0', '5', '10', '15 µs']],
  [0.4, ['0', '0.2', '0.4 ms']],
  [59, ['0', '20', '40', '60 ms']],
  [940, ['0', '0.5', '1 s']],
  [12_600, ['0', '5', '10', '15 s']],
  [45 * SECOND, ['0', '20', '40', '60 s']],
  [6.5 * MINUTE, ['0', '2.5', '5', '7.5 min']],
  [3.2 * HOUR, ['0', '2', '4 h']],
])('a latency of %d ms has axis labels %j', (most, expected) => {
  expect(labels('milliseconds', most)).toEqual(expected);
});

test.each([
  [3, ['0', '1', '2', '3']],
  [7_400, ['0', '2,500', '5,000', '7,500']],
  [59_000, ['0', '20', '40', '60 k']],
  [3_100_000, ['0', '2', '4 M']],
])('%d requests have axis labels %j', (most, expected) => {
  expect(labels('count', most)).toEqual(expected);
});

test.each([
  [612, ['0', '250', '500', '750 B']],
  [412e6, ['0', '200', '400', '600 MB']],
  [950e6, ['0', '0.5', '1 GB']],
  [1.4e12, ['0', '0.5', '1', '1.5 TB']],
])('%d bytes have axis labels %j', (most, expected) => {
  expect(labels('bytes', most)).toEqual(expected);
});

describe('at any magnitude', () => {
  const cases: [Quantity, number, number][] = [
    ['milliseconds', 0.01, 100 * HOUR],
    ['count', 1, 9e9],
    ['bytes', 1, 90e12],
  ];

  test.each(cases)('%s from %d to %d: short, distinct labels that cover the value', (...one) => {
    const [quantity, least, largest] = one;
    for (let most = least; most <= largest; most *= 1.037) {
      const { ticks, label } = axisOf(quantity, most);
      const written = ticks.map(label);
      expect(ticks.at(-1), `${most}`).toBeGreaterThanOrEqual(most * 0.998);
      expect(new Set(written).size, `${most}: ${written}`).toBe(ticks.length);
      expect(Math.max(...written.map(({ length }) => length)), `${written}`).toBeLessThanOrEqual(8);
      // In base units again, the labels say what the ticks are.
      const numbers = written.map((text) => Number.parseFloat(text.replaceAll(',', '')));
      const scale = (ticks.at(-1) ?? 1) / (numbers.at(-1) ?? 1);
      numbers.forEach((number, index) => {
        expect(number * scale, `${most}: ${written}`).toBeCloseTo(ticks[index] ?? Number.NaN, 6);
      });
    }
  });
});

test('an axis is shown without data', () => {
  expect(labels('count', 0)).toEqual(['0', '1']);
  expect(labels('milliseconds', 0)).toEqual(['0', '1', '2', '3 ms']);
  expect(labels('bytes', Number.NaN)).toEqual(['0', '1 B']);
});
