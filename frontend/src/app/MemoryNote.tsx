import { useSystem } from '@/api/queries';
import { inGb } from '@/lib/format';
import classes from './Header.module.css';

export function MemoryNote() {
  const machine = useSystem().data?.machine;
  if (!machine) return null;
  const { memory_bytes: total, memory_free_bytes: free } = machine;
  return (
    <div className={classes.memory}>
      <div className={classes.memoryTrack} aria-hidden>
        <div className={classes.memoryFill} style={{ width: `${100 * (1 - free / total)}%` }} />
      </div>
      <span>
        {inGb(free)} of {Math.round(total / 1e9)} GB free
      </span>
    </div>
  );
}
