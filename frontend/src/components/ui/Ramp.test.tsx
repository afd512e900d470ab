import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { DEFAULT_WEIGHTS, planks, position, Ramp } from './Ramp';

test('six segments are laid out end to end with gaps', () => {
  const all = planks(DEFAULT_WEIGHTS);
  expect(all).toHaveLength(6);
  expect(all[0]?.from).toBe(0);
  expect(all[5]?.to).toBeCloseTo(93);
  for (const [index, plank] of all.entries()) {
    const next = all[index + 1];
    if (next) expect(next.from - plank.to).toBeCloseTo(0.5);
  }
});

test('the progress indicator never moves backwards', () => {
  const places = Array.from({ length: 201 }, (_, half) => position(half / 2, DEFAULT_WEIGHTS));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBe(0);
  expect(places.at(-1)).toBeCloseTo(93);
});

test('a step with zero weight has zero width', () => {
  expect(position(50, [0, 100, 0, 0, 0, 0])).toBeCloseTo(45.75);
  expect(position(120, DEFAULT_WEIGHTS)).toBeCloseTo(93);
});

test('it is one progressbar with a text value', () => {
  render(<Ramp percent={35} valueText="35 percent, downloading the model" />);
  const bar = screen.getByRole('progressbar', { name: 'Launch' });
  expect(bar).toHaveAttribute('aria-valuenow', '35');
  expect(bar).toHaveAttribute('aria-valuetext', '35 percent, downloading the model');
});
