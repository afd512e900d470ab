/** The value axis of a chart: round ticks in the unit that keeps every label short. */
import { ticksTo } from './ticks';

export type Quantity = 'count' | 'milliseconds' | 'bytes';

interface Unit {
  label: string;
  /** Base units (one, a millisecond, a byte) in one of these. */
  size: number;
  /** Used from this value of the topmost tick, in base units. */
  from: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Largest first. */
const UNITS: Readonly<Record<Quantity, readonly Unit[]>> = {
  count: [
    { label: 'B', size: 1e9, from: 1e9 },
    { label: 'M', size: 1e6, from: 1e6 },
    { label: 'k', size: 1e3, from: 1e4 },
  ],
  milliseconds: [
    { label: 'h', size: HOUR, from: 2 * HOUR },
    { label: 'min', size: MINUTE, from: 2 * MINUTE },
    { label: 's', size: SECOND, from: SECOND },
    { label: 'ms', size: 1, from: 0.1 },
    { label: 'µs', size: 1e-3, from: 0 },
  ],
  bytes: [
    { label: 'PB', size: 1e15, from: 1e15 },
    { label: 'TB', size: 1e12, from: 1e12 },
    { label: 'GB', size: 1e9, from: 1e9 },
    { label: 'MB', size: 1e6, from: 1e6 },
    { label: 'kB', size: 1e3, from: 1e3 },
  ],
};

/** Where even the smallest unit of the list is too large: bytes as they are, and plain numbers. */
const PLAIN: Readonly<Record<Quantity, Unit>> = {
  count: { label: '', size: 1, from: 0 },
  milliseconds: { label: 'ms', size: 1, from: 0 },
  bytes: { label: 'B', size: 1, from: 0 },
};

export interface Axis {
  /** In base units, from zero to a round number at or above the largest value. */
  ticks: number[];
  /** The topmost label names the unit; the others are in the same one. */
  label: (tick: number) => string;
}

/** Ticks and labels for values from zero to `most`, in base units of `quantity`. */
export function axisOf(quantity: Quantity, most: number): Axis {
  const unit = most > 0 ? unitOf(quantity, most) : PLAIN[quantity];
  const inUnit = ticksIn(unit, quantity, most);
  const top = inUnit.at(-1);
  const label = (tick: number): string => {
    const value = round(tick / unit.size);
    const number = value.toLocaleString('en', { maximumSignificantDigits: 6 });
    return value === top && unit.label !== '' ? `${number} ${unit.label}` : number;
  };
  return { ticks: inUnit.map((value) => round(value * unit.size)), label };
}

/** Division by 60 or 1000 leaves a rest in the last digit, which must not be written out. */
const round = (value: number): number => Number(value.toPrecision(12));

const ticksIn = (unit: Unit, quantity: Quantity, most: number): number[] =>
  ticksTo(most / unit.size, unit.size === 1 && quantity !== 'milliseconds');

function unitOf(quantity: Quantity, most: number): Unit {
  const fits = (unit: Unit): boolean =>
    round((ticksIn(unit, quantity, most).at(-1) ?? 0) * unit.size) >= unit.from;
  return UNITS[quantity].find(fits) ?? PLAIN[quantity];
}
