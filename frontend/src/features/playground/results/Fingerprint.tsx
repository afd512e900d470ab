import type { CSSProperties } from 'react';
import classes from './Fingerprint.module.css';

// More cells than this are no longer seen one by one.
const SHOWN = 512;

/** A vector as cells, from its smallest number to its largest. */
export function Fingerprint({ vector }: { vector: readonly number[] }) {
  const shown = vector.slice(0, SHOWN);
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  return (
    <>
      <div
        role="img"
        aria-label={`${vector.length} values from ${least.toFixed(2)} to ${most.toFixed(2)}`}
        className={classes.cells}
      >
        {shown.map((value, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the numbers of one vector never move
            key={index}
            title={value.toPrecision(4)}
            style={{ '--heat': (value - least) / (most - least || 1) } as CSSProperties}
          />
        ))}
      </div>
      <p className={classes.range}>
        From {least.toFixed(2)} to {most.toFixed(2)}
        {vector.length > SHOWN ? `; the first ${SHOWN} are drawn` : ''}
      </p>
    </>
  );
}
