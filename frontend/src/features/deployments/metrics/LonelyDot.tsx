import type { ReactElement } from 'react';

interface DotProps {
  cx?: number | undefined;
  cy?: number | undefined;
  index?: number | undefined;
  key?: unknown;
  stroke?: string | undefined;
}

/** A line needs two points; a value between two gaps is drawn as a dot, or it would not be seen. */
export const lonelyDot =
  (values: readonly (number | null)[]) =>
  ({ cx, cy, index = 0, stroke }: DotProps): ReactElement => {
    const isAlone =
      typeof values[index] === 'number' &&
      typeof values[index - 1] !== 'number' &&
      typeof values[index + 1] !== 'number';
    return isAlone && cx !== undefined && cy !== undefined ? (
      <circle key={index} cx={cx} cy={cy} r={2.5} fill={stroke} />
    ) : (
      <g key={index} />
    );
  };
