import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { DEFAULT_WEIGHTS, planks, position, Ramp } from './Ramp';

test('six planks lie end to end with gaps and stop before the water', () => {
  const all = planks(DEFAULT_WEIGHTS);
  expect(all).toHaveLength(6);
  expect(all[0]?.from).toBe(0);
  expect(all[5]?.to).toBeCloseTo(93);
  for (const [index, plank] of all.entries()) {
    const next = all[index + 1];
    if (next) expect(next.from - plank.to).toBeCloseTo(0.5);
  }
});

test('the hull only ever moves towards the water', () => {
  const places = Array.from({ length: 201 }, (_, half) => position(half / 2, DEFAULT_WEIGHTS));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBe(0);
  expect(places.at(-1)).toBeCloseTo(93);
});

test('a step without any share takes no room and breaks nothing', () => {
  expect(position(50, [0, 100, 0, 0, 0, 0])).toBeCloseTo(45.75);
  expect(position(120, DEFAULT_WEIGHTS)).toBeCloseTo(93);
});

test('it is one progressbar that says its value in words', () => {
  render(<Ramp percent={35} valueText="35 percent, downloading the model" />);
  const bar = screen.getByRole('progressbar', { name: 'Launch' });
  expect(bar).toHaveAttribute('aria-valuenow', '35');
  expect(bar).toHaveAttribute('aria-valuetext', '35 percent, downloading the model');
});
