import { Swatch } from '@/components/ui/MemoryBar';
import { Section } from '@/components/ui/Section';
import { formatMs } from '@/lib/format';
import classes from './TimingCard.module.css';
import type { Timing } from './timing';

interface Look {
  label: string;
  color: string;
}

const LOOKS: Readonly<Record<string, Look>> = {
  queue: { label: 'Queue', color: 'var(--sw-chart-4)' },
  tokenize: { label: 'Tokenize', color: 'var(--sw-chart-2)' },
  decode: { label: 'Decode', color: 'var(--sw-chart-2)' },
  prompt: { label: 'First token', color: 'var(--sw-chart-2)' },
  infer: { label: 'Infer', color: 'var(--sw-chart-1)' },
  tokens: { label: 'Tokens', color: 'var(--sw-chart-1)' },
  other: { label: 'Other', color: 'var(--sw-chart-3)' },
};

const lookOf = (name: string): Look => LOOKS[name] ?? { label: name, color: 'var(--sw-chart-3)' };

const exact = (ms: number): string =>
  ms >= 1000 ? formatMs(ms) : ms >= 100 ? String(Math.round(ms)) : ms.toFixed(1);

interface Props {
  timing: Timing | null;
  isRunning?: boolean;
}

/** Where the time went: one bar, and its numbers in words below. */
export function TimingCard({ timing, isRunning = false }: Props) {
  const parts = timing?.parts ?? [];
  const total = timing?.totalMs ?? 0;
  const sum = parts.reduce((ms, part) => ms + part.ms, 0);
  return (
    <Section
      title="Timing"
      note={
        timing ? (
          <strong className={classes.total}>
            {total >= 1000 ? formatMs(total) : `${exact(total)} ms`}
            {isRunning ? ' so far' : ''}
          </strong>
        ) : null
      }
    >
      <div className={classes.bar} aria-hidden>
        {parts.map(({ name, ms }) => (
          <div
            key={name}
            style={{
              width: `${(100 * ms) / Math.max(sum, 1e-9)}%`,
              background: lookOf(name).color,
            }}
          />
        ))}
      </div>
      <ul className={classes.legend}>
        {parts.length === 0 ? <li>Measured by the model server for each response.</li> : null}
        {parts.map(({ name, ms }) => (
          <li key={name}>
            <Swatch color={lookOf(name).color} /> {lookOf(name).label} {exact(ms)}
          </li>
        ))}
      </ul>
    </Section>
  );
}
