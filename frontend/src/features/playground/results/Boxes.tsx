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

const placeOf = (
  { xmin, ymin, xmax, ymax }: Box,
  { width, height }: Props['size'],
): CSSProperties => ({
  left: `${(100 * xmin) / width}%`,
  top: `${(100 * ymin) / height}%`,
  width: `${(100 * (xmax - xmin)) / width}%`,
  height: `${(100 * (ymax - ymin)) / height}%`,
});

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
          style={placeOf(box, size)}
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
