import { type CSSProperties, memo } from 'react';
import { cx } from './cx';
import { Hull } from './Hull';
import classes from './Ramp.module.css';
import type { Tone } from './states';
import { toneClass } from './tones';

/** Shares of the six steps when a plan has no estimate of its own. */
export const DEFAULT_WEIGHTS = [4, 50, 6, 18, 15, 7] as const;

const END = 93;
const GAP = 0.5;
const TOP = 20;
const DROP = 32;

interface Plank {
  from: number;
  to: number;
}

/** Where the planks lie, in percent of the box's width. */
export function planks(weights: readonly number[]): Plank[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const room = END - GAP * (weights.length - 1);
  let at = 0;
  return weights.map((weight) => {
    const plank = { from: at, to: at + (weight / total) * room };
    at = plank.to + GAP;
    return plank;
  });
}

/** Where a percent of the whole lies; inside a gap it waits at the plank's end. */
export function position(percent: number, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  let left = (Math.min(100, Math.max(0, percent)) / 100) * total;
  const all = planks(weights);
  for (const [index, weight] of weights.entries()) {
    const plank = all[index];
    if (plank === undefined) break;
    if (left <= weight)
      return plank.from + (weight > 0 ? left / weight : 0) * (plank.to - plank.from);
    left -= weight;
  }
  return END;
}

const heightAt = (x: number): number => TOP + (DROP * x) / END;

interface Props {
  percent: number;
  weights?: readonly number[];
  tone?: Tone;
  /** The hull floats at the end. `launching` plays the one animation. */
  launched?: boolean;
  launching?: boolean;
  /** Spoken value: "35 percent, downloading the model, about 29 seconds left". */
  valueText: string;
}

/** The one signature: a hull that slides down six planks towards the water. */
export function Ramp({
  percent,
  weights = DEFAULT_WEIGHTS,
  tone = 'accent',
  launched = false,
  launching = false,
  valueText,
}: Props) {
  const x = launched ? END : position(percent, weights);
  const style = { '--x': x, '--y': `${heightAt(x)}px` } as CSSProperties;
  return (
    <div
      className={cx(classes.box, toneClass(tone))}
      style={style}
      role="progressbar"
      aria-label="Launch"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      aria-valuetext={valueText}
    >
      <Planks weights={weights} className={classes.track} />
      <Planks weights={weights} className={classes.fill} />
      <svg
        className={classes.water}
        viewBox="0 0 66 12"
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path d="M1 6c3.6-5 7.1-5 10.7 0s7.1 5 10.7 0 7.1-5 10.7 0 7.1 5 10.7 0 7.1-5 10.7 0 7.1 5 10.7 0" />
      </svg>
      <span
        className={cx(classes.hull, launched && classes.afloat, launching && classes.launching)}
      >
        <Hull />
      </span>
    </div>
  );
}

interface PlanksProps {
  weights: readonly number[];
  className: string | undefined;
}

/** Drawn once: a percent only moves the clip and the hull. */
const Planks = memo(
  ({ weights, className }: PlanksProps) => (
    <svg className={className} viewBox="0 0 100 68" preserveAspectRatio="none" aria-hidden="true">
      {planks(weights).map(({ from, to }) => (
        <line
          key={from}
          x1={from}
          y1={heightAt(from)}
          x2={to}
          y2={heightAt(to)}
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  ),
  (old, next) => String(old.weights) === String(next.weights),
);
Planks.displayName = 'Planks';
