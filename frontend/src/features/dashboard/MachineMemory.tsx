import { Skeleton } from '@mantine/core';
import { useSystem } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { MemoryBar, Swatch } from '@/components/ui/MemoryBar';
import { memoryParts } from '@/components/ui/memoryParts';
import { formatMemory, inGb } from '@/lib/format';
import classes from './Home.module.css';

const COLORS = [
  'var(--sw-chart-1)',
  'var(--sw-chart-2)',
  'var(--sw-chart-3)',
  'var(--sw-accent-line)',
] as const;

/** "Is there room?", answered before it is asked. */
export function MachineMemory({ deployments }: { deployments: readonly Deployment[] }) {
  const machine = useSystem().data?.machine;
  if (!machine) return <Skeleton height={20} mb={20} />;
  const { memory_bytes: total, memory_free_bytes: free } = machine;
  const own = memoryParts(deployments, COLORS);
  const ownBytes = own.reduce((sum, part) => sum + part.bytes, 0);
  const system = {
    label: 'System',
    bytes: Math.max(0, total - free - ownBytes),
    color: 'var(--sw-chart-4)',
  };
  const parts = [system, ...own];
  return (
    <div className={classes.memory}>
      <strong>Memory, {Math.round(total / 1e9)} GB</strong>
      <div className={classes.bar}>
        <MemoryBar
          parts={parts}
          total={total}
          label={`${inGb(total - free)} of ${inGb(total)} GB in use`}
        />
      </div>
      <ul className={classes.legend}>
        {parts.map((part) => (
          <li key={part.label}>
            <Swatch color={part.color} />
            {part.label} {part === system ? formatMemory(part.bytes) : short(part.bytes)}
          </li>
        ))}
        <li className={classes.free}>
          <Swatch color="var(--sw-track)" />
          Free {inGb(free)}
        </li>
      </ul>
    </div>
  );
}

/** The first number of the line names the unit; only what is smaller needs its own. */
const short = (bytes: number): string => (bytes < 1e8 ? formatMemory(bytes) : inGb(bytes));
