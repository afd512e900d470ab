import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { peaksOf } from './peaks';
import classes from './Waveform.module.css';

interface Props {
  samples: Float32Array | null;
  /** 0 to 1: what lies before it is drawn in the accent. */
  position: number;
  label: string;
}

const BAR = 3;
const GAP = 2;

function draw(canvas: HTMLCanvasElement, peaks: readonly number[], position: number): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  context.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const [played, rest] = [style.getPropertyValue('accent-color'), style.color];
  for (const [index, peak] of peaks.entries()) {
    const tall = Math.max(2, peak * (height - 8));
    context.fillStyle = index / peaks.length < position ? played : rest;
    context.beginPath();
    context.roundRect(index * (BAR + GAP), (height - tall) / 2, BAR, tall, 1.5);
    context.fill();
  }
}

/** The sound as bars, redrawn at its width. */
export function Waveform({ samples, position, label }: Props) {
  const { ref: box, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current || width === 0) return;
    const count = Math.max(1, Math.floor((width + GAP) / (BAR + GAP)));
    draw(canvas.current, samples ? peaksOf(samples, count) : [], position);
  }, [samples, width, position]);
  return (
    <div ref={box} className={classes.box}>
      <canvas ref={canvas} className={classes.canvas} role="img" aria-label={label} />
    </div>
  );
}
