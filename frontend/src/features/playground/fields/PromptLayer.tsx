import type { CSSProperties, KeyboardEvent, PointerEvent } from 'react';
import { useState } from 'react';
import { cx } from '@/components/ui/cx';
import type { Size } from '../ImageStage';
import classes from './PromptLayer.module.css';
import {
  boxBetween,
  moved,
  type Place,
  type PromptBox,
  type PromptPoint,
  type Prompts,
  placeAt,
} from './prompts';

interface Props {
  size: Size;
  prompts: Prompts;
  onPoint: (place: Place) => void;
  onBox: (box: PromptBox) => void;
}

/** A pointer that moves by less than this share of the image clicks; else it draws a box. */
const CLICK = 0.02;

const percent = (part: number, whole: number): string => `${(100 * part) / whole}%`;

const at = ({ x, y }: Place, { width, height }: Size): CSSProperties => ({
  left: percent(x, width),
  top: percent(y, height),
});

/** Over an image: a click adds a point, dragging draws a box; with keys, the arrows and Enter. */
export function PromptLayer({ size, prompts, onPoint, onBox }: Props) {
  const [start, setStart] = useState<Place | null>(null);
  const [end, setEnd] = useState<Place | null>(null);
  const [cursor, setCursor] = useState<Place | null>(null);
  const drawn = start && end ? boxBetween(start, end) : null;
  const isDragged =
    drawn !== null &&
    Math.max((drawn.right - drawn.left) / size.width, (drawn.bottom - drawn.top) / size.height) >
      CLICK;
  const placeOf = (event: PointerEvent<HTMLElement>) =>
    placeAt(event, event.currentTarget.getBoundingClientRect(), size);

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture?.(event.pointerId);
    setCursor(null);
    setStart(placeOf(event));
    setEnd(placeOf(event));
  };
  const onPointerUp = () => {
    if (start) {
      if (isDragged && drawn) onBox(drawn);
      else onPoint(start);
    }
    setStart(null);
    setEnd(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = cursor ?? { x: size.width / 2, y: size.height / 2 };
    const next = moved(from, event.key, size);
    if (next) setCursor(next);
    else if (event.key === 'Enter' && cursor) onPoint(cursor);
    else return;
    event.preventDefault();
  };
  return (
    <div
      role="application"
      aria-label="Click the object, or drag a box around it. With keys: arrows, then Enter."
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
      tabIndex={0}
      className={classes.layer}
      onPointerDown={onPointerDown}
      onPointerMove={(event) => start && setEnd(placeOf(event))}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setStart(null)}
      onKeyDown={onKeyDown}
      onBlur={() => setCursor(null)}
    >
      <Box box={isDragged ? drawn : prompts.box} size={size} />
      {prompts.points.map((point) => (
        <Point key={`${point.x} ${point.y} ${point.isInside}`} point={point} size={size} />
      ))}
      {cursor ? <span aria-hidden className={classes.cursor} style={at(cursor, size)} /> : null}
    </div>
  );
}

function Point({ point, size }: { point: PromptPoint; size: Size }) {
  const look = cx(classes.point, !point.isInside && classes.outside);
  return (
    <span aria-hidden className={look} style={at(point, size)}>
      {point.isInside ? '+' : '−'}
    </span>
  );
}

function Box({ box, size }: { box: PromptBox | null; size: Size }) {
  if (!box) return null;
  const style = {
    ...at({ x: box.left, y: box.top }, size),
    width: percent(box.right - box.left, size.width),
    height: percent(box.bottom - box.top, size.height),
  };
  return <span aria-hidden className={classes.box} style={style} />;
}
