import type { CSSProperties } from 'react';
import { cx } from '@/components/ui/cx';
import type { Box } from '../shapes';
import classes from './Boxes.module.css';

interface Props {
  boxes: readonly Box[];
  /** Of the picture, in its own pixels. */
  size: { width: number; height: number };
  chosen: number | null;
  onPoint: (index: number | null) => void;
}

// Less sure than this is drawn dashed.
const SURE = 0.7;

/** From and for how long, in percent of the whole; a model may see a thing go on beyond the edge. */
function within(from: number, to: number, whole: number): [start: string, length: string] {
  const [start = 0, end = 0] = [from, to].map((at) =>
    Math.min(100, Math.max(0, (100 * at) / whole)),
  );
  return [`${start}%`, `${end - start}%`];
}

function placeOf({ xmin, ymin, xmax, ymax }: Box, size: Props['size']): CSSProperties {
  const [left, width] = within(xmin, xmax, size.width);
  const [top, height] = within(ymin, ymax, size.height);
  return { left, top, width, height };
}

/** White boxes with a dark hairline are legible on any picture; the pointed one is in the accent. */
export function Boxes({ boxes, size, chosen, onPoint }: Props) {
  return (
    <>
      {boxes.map((box, index) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: pointing is a shortcut; the list beside says the same
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: two boxes of an answer may be the same
          key={index}
          className={cx(
            classes.box,
            box.score < SURE && classes.unsure,
            index === chosen && classes.chosen,
          )}
          // The surest, which come first, lie on top, and the pointed one on all.
          style={{
            ...placeOf(box, size),
            zIndex: boxes.length - (index === chosen ? -1 : index),
          }}
          onMouseEnter={() => onPoint(index)}
          onMouseLeave={() => onPoint(null)}
        >
          <span className={classes.label}>
            {box.label} {Math.round(100 * box.score)}%
          </span>
        </div>
      ))}
    </>
  );
}
