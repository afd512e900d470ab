import { expect, test } from 'vitest';
import { boxBetween, hasPrompts, moved, NO_PROMPTS, parametersOf, placeAt } from './prompts';

const SIZE = { width: 200, height: 100 };
const SHOWN = { left: 10, top: 20, width: 400, height: 200 };

test('prompts are parameters of one object', () => {
  const points = [
    { x: 3, y: 4, isInside: true },
    { x: 9, y: 9, isInside: false },
  ];
  expect(parametersOf({ points, box: { left: 1, top: 2, right: 30, bottom: 40 } })).toEqual({
    points: [
      [
        [3, 4],
        [9, 9],
      ],
    ],
    labels: [[1, 0]],
    boxes: [[1, 2, 30, 40]],
  });
  expect(parametersOf(NO_PROMPTS)).toEqual({});
  expect(hasPrompts(NO_PROMPTS)).toBe(false);
});

test('a pointer is a pixel of the image, at its edge if it is outside', () => {
  expect(placeAt({ clientX: 210, clientY: 120 }, SHOWN, SIZE)).toEqual({ x: 100, y: 50 });
  expect(placeAt({ clientX: -50, clientY: 900 }, SHOWN, SIZE)).toEqual({ x: 0, y: 100 });
});

test('a box has its corners in order, and an empty one is none', () => {
  const box = { left: 2, top: 3, right: 8, bottom: 9 };
  expect(boxBetween({ x: 8, y: 3 }, { x: 2, y: 9 })).toEqual(box);
  expect(boxBetween({ x: 8, y: 3 }, { x: 8, y: 9 })).toBeNull();
});

test('arrow keys move by a fiftieth of the image, within it', () => {
  expect(moved({ x: 100, y: 50 }, 'ArrowLeft', SIZE)).toEqual({ x: 96, y: 50 });
  expect(moved({ x: 100, y: 1 }, 'ArrowUp', SIZE)).toEqual({ x: 100, y: 0 });
  expect(moved({ x: 5, y: 5 }, 'ArrowDown', { width: 10, height: 10 })).toEqual({ x: 5, y: 6 });
  expect(moved({ x: 5, y: 5 }, 'Enter', SIZE)).toBeNull();
});
