import type { MemoryUse } from '@/api/types';
import { MemoryBar, Swatch } from '@/components/ui/MemoryBar';
import { Bytes } from '@/components/ui/Quantity';
import { Section } from '@/components/ui/Section';
import { formatBytes } from '@/lib/format';
import classes from './MemoryCard.module.css';

/** Measured against its limit; an estimate only until something is measured. */
export function MemoryCard({ memory }: { memory: MemoryUse }) {
  const { measured_bytes: measured, estimated_bytes: estimated } = memory;
  const { peak_bytes: peak, limit_bytes: limit } = memory;
  const used = measured ?? estimated;
  if (used === null) return null;
  const isMeasured = measured !== null;
  const most = limit ?? Math.max(used, peak ?? 0);
  const beyond = isMeasured && peak !== null ? Math.max(0, peak - measured) : 0;
  return (
    <Section
      title="Memory"
      note={
        limit === null ? null : (
          <>
            limit <Bytes value={limit} />
          </>
        )
      }
    >
      <MemoryBar
        label={`${formatBytes(used)} of ${formatBytes(most)}`}
        total={most}
        parts={[
          { label: 'used', bytes: used, color: 'var(--sw-accent)', hatched: !isMeasured },
          { label: 'peak', bytes: beyond, color: 'var(--sw-chart-3)' },
        ]}
      />
      <ul className={classes.legend}>
        <li>
          <Swatch color="var(--sw-accent)" /> {isMeasured ? 'Now' : 'Estimated'}{' '}
          <Bytes value={used} />
        </li>
        {isMeasured && peak !== null ? (
          <li>
            <Swatch color="var(--sw-chart-3)" /> Peak <Bytes value={peak} />
          </li>
        ) : null}
        {isMeasured && estimated !== null ? (
          <li>
            Estimated <Bytes value={estimated} />
          </li>
        ) : null}
      </ul>
    </Section>
  );
}
