/** Prompts of one object in an image, in pixels of the image. */
import type { Size } from '../ImageStage';
import type { Values } from '../schema';

export interface Place {
  x: number;
  y: number;
}

export interface PromptPoint extends Place {
  isInside: boolean;
}

export interface PromptBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Prompts {
  points: readonly PromptPoint[];
  box: PromptBox | null;
}

export const NO_PROMPTS: Prompts = { points: [], box: null };

export const hasPrompts = ({ points, box }: Prompts): boolean => points.length > 0 || box !== null;

/** The parameters of mask-generation: one object, with its points and its box. */
export function parametersOf({ points, box }: Prompts): Values {
  return {
    ...(points.length === 0
      ? {}
      : {
          points: [points.map(({ x, y }) => [x, y])],
          labels: [points.map(({ isInside }) => (isInside ? 1 : 0))],
        }),
    ...(box === null ? {} : { boxes: [[box.left, box.top, box.right, box.bottom]] }),
  };
}

const between = (value: number, most: number): number =>
  Math.round(Math.min(Math.max(value, 0), most));

/** The pixel below the pointer; outside the image, the nearest at its edge. */
export function placeAt(
  pointer: { clientX: number; clientY: number },
  shown: { left: number; top: number; width: number; height: number },
  size: Size,
): Place {
  return {
    x: between(((pointer.clientX - shown.left) / shown.width) * size.width, size.width),
    y: between(((pointer.clientY - shown.top) / shown.height) * size.height, size.height),
  };
}

/** The box between two corners; null if it is empty. */
export function boxBetween(one: Place, other: Place): PromptBox | null {
  const [left, right] = [Math.min(one.x, other.x), Math.max(one.x, other.x)];
  const [top, bottom] = [Math.min(one.y, other.y), Math.max(one.y, other.y)];
  return left < right && top < bottom ? { left, top, right, bottom } : null;
}

/** Steps of the arrow keys: 2% of the image, but at least one pixel. */
export function moved(from: Place, key: string, size: Size): Place | null {
  const across = Math.max(1, size.width / 50);
  const down = Math.max(1, size.height / 50);
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-across, 0],
    ArrowRight: [across, 0],
    ArrowUp: [0, -down],
    ArrowDown: [0, down],
  };
  const step = steps[key];
  if (!step) return null;
  return { x: between(from.x + step[0], size.width), y: between(from.y + step[1], size.height) };
}
