import type { Hardware } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { MemoryBar, Swatch } from '@/components/ui/MemoryBar';
import { memoryParts } from '@/components/ui/memoryParts';
import { ToneBadge } from '@/components/ui/StateBadge';
import { FITS, type Tone } from '@/components/ui/states';
import { toneClass } from '@/components/ui/tones';
import { formatMemory, inGb } from '@/lib/format';
import { useWizard } from '../context';
import { estimateFor } from './estimate';
import classes from './MemoryAside.module.css';
import { memoryVerdict } from './memory';

/** The first chart colour is this model's. */
const COLORS = [
  'var(--sw-chart-2)',
  'var(--sw-chart-3)',
  'var(--sw-accent-line)',
  'var(--sw-idle-line)',
] as const;

/** "Is there room?": the estimate against what is free, following each choice. */
export function MemoryAside({ hardware }: { hardware: Hardware }) {
  const { system, detail, deployments, preflight, isChecking } = useWizard();
  if (!system) return null;
  const { memory_bytes: total, memory_free_bytes: free } = system.machine;
  const estimate = estimateFor(hardware, detail);
  const own = memoryParts(deployments, COLORS);
  const ownBytes = own.reduce((sum, part) => sum + part.bytes, 0);
  const others = Math.max(0, total - free - ownBytes);
  const needed = estimate?.total ?? 0;
  const verdict = memoryVerdict(estimate?.total ?? null, free, limitOf(hardware, system.limits));
  const parts = [
    { label: 'System and apps', bytes: others, color: 'var(--sw-chart-4)' },
    ...own,
    { label: 'This model, estimated', bytes: needed, color: 'var(--sw-chart-1)', hatched: true },
  ];
  return (
    <section className={classes.card} aria-label="Memory on this machine">
      <div className={classes.body}>
        <h2 className={classes.title}>Memory on this machine</h2>
        <p className={classes.display}>
          <strong>{estimate ? formatMemory(estimate.total) : '–'}</strong>
          <span>of {inGb(free)} GB free</span>
        </p>
        <MemoryBar
          parts={parts}
          total={total}
          height={18}
          label={`${inGb(total - free)} GB of ${inGb(total)} in use, this model needs about ${inGb(needed)} GB`}
        />
        <p className={classes.scale} aria-hidden>
          <span>0</span>
          <span>{Math.round(total / 1e9)} GB</span>
        </p>
        <dl className={classes.list}>
          <Row color="var(--sw-chart-4)" term="System and apps" bytes={others} />
          {own.map((part) => (
            <Row key={part.label} color={part.color} term={part.label} bytes={part.bytes} />
          ))}
          {estimate ? (
            <>
              <Row
                color="var(--sw-chart-1)"
                term="This model, estimated"
                bytes={estimate.total}
                isMain
              />
              <Row term="Weights" bytes={estimate.weights} />
              <Row term="Context and batches" bytes={estimate.rest} />
            </>
          ) : null}
          <Row color="var(--sw-track)" term="Free" bytes={Math.max(0, free - needed)} />
        </dl>
      </div>
      <Verdict
        tone={FITS[verdict.verdict].tone}
        icon={FITS[verdict.verdict].icon}
        text={verdict.text}
      />
      {preflight?.expected_speed && !isChecking ? (
        <p className={classes.speed}>Expected: {preflight.expected_speed}</p>
      ) : null}
    </section>
  );
}

function limitOf(hardware: Hardware, limits: Record<string, unknown>): number {
  const most = Number(limits.max_memory_per_model_gb) || Number.POSITIVE_INFINITY;
  return Math.min(hardware.memory_limit_gb ?? most, most) * 1e9 * hardware.workers;
}

interface RowProps {
  term: string;
  bytes: number;
  color?: string;
  isMain?: boolean;
}

function Row({ term, bytes, color, isMain = false }: RowProps) {
  return (
    <div className={cx(classes.row, isMain && classes.strong, !color && classes.detail)}>
      <dt>
        {color ? <Swatch color={color} /> : null}
        {term}
      </dt>
      <dd>{formatMemory(bytes)}</dd>
    </div>
  );
}

function Verdict({
  tone,
  icon,
  text,
}: {
  tone: Tone;
  icon: (typeof FITS)['fits']['icon'];
  text: string;
}) {
  return (
    <div className={cx(classes.verdict, toneClass(tone))} role="status">
      <ToneBadge label={text} tone={tone} icon={icon} variant="plain" />
    </div>
  );
}
