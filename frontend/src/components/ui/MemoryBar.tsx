import classes from './MemoryBar.module.css';

export interface MemoryPart {
  label: string;
  bytes: number;
  color: string;
  /** Estimated, not measured. */
  hatched?: boolean;
}

interface Props {
  parts: readonly MemoryPart[];
  total: number;
  /** What the bar says, for those who do not see it. */
  label: string;
  height?: number;
}

/** Parts of one memory beside each other; what is left over is the track. */
export function MemoryBar({ parts, total, label, height = 12 }: Props) {
  const used = parts.reduce((sum, part) => sum + part.bytes, 0);
  const scale = Math.max(total, used, 1);
  return (
    <div className={classes.bar} style={{ height }} role="img" aria-label={label}>
      {parts.map((part) =>
        part.bytes > 0 ? (
          <div
            key={part.label}
            className={part.hatched ? classes.hatched : undefined}
            style={{ width: `${(100 * part.bytes) / scale}%`, backgroundColor: part.color }}
          />
        ) : null,
      )}
    </div>
  );
}

export function Swatch({ color }: { color: string }) {
  return <span className={classes.swatch} style={{ backgroundColor: color }} aria-hidden />;
}
