import { useMetrics } from '@/api/queries';
import type { Deployment, Series } from '@/api/types';
import { exactBytes, formatBytes, formatMs } from '@/lib/format';
import classes from './DeploymentTable.module.css';
import { Sparkline } from './Sparkline';

const COUNTED = new Set(['running', 'updating', 'updateFailed']);
const RESTING = new Set(['paused', 'scaledToZero']);

/** Quiet numbers: a zero is dim, what is not known is a dash, and what never ran has nothing at all. */
export function RowNumbers({ deployment }: { deployment: Deployment }) {
  const { state, memory } = deployment;
  const isCounted = COUNTED.has(state);
  const series = useMetrics(deployment.id, '5m', isCounted, 15_000).data;
  if (!isCounted && !RESTING.has(state)) return <Blank />;
  const perMinute = isCounted ? series?.requests_per_minute : 0;
  const bytes = isCounted ? (memory?.measured_bytes ?? null) : 0;
  const p95 = isCounted ? (series?.latency_ms.p95 ?? null) : null;
  return (
    <>
      <td className={classes.number} data-label="Requests/min">
        {series && perMinute ? <Sparkline values={perMoment(series)} /> : null}
        <Quantity value={perMinute ?? null} text={roundRate} />
      </td>
      <td className={classes.number} data-label="p95">
        <Quantity value={p95} text={formatMs} />
      </td>
      <td
        className={classes.number}
        data-label="Memory"
        title={bytes ? exactBytes(bytes) : undefined}
      >
        <Quantity value={bytes} text={formatBytes} />
      </td>
    </>
  );
}

const Blank = () => (
  <>
    <td />
    <td />
    <td />
  </>
);

function Quantity({ value, text }: { value: number | null; text: (value: number) => string }) {
  if (value === null) return <span className={classes.quiet}>–</span>;
  return value === 0 ? <span className={classes.quiet}>0</span> : <span>{text(value)}</span>;
}

const roundRate = (value: number): string => (value < 9.95 ? value.toFixed(1) : value.toFixed(0));

const total = (requests: Record<string, number>): number =>
  Object.values(requests).reduce((sum, count) => sum + count, 0);

/** Twelve points say as much in 54 pixels as sixty. */
function perMoment(series: Series): number[] {
  const size = Math.max(1, Math.ceil(series.moments.length / 12));
  const points: number[] = [];
  for (let at = 0; at < series.moments.length; at += size) {
    const slice = series.moments.slice(at, at + size);
    points.push(slice.reduce((sum, moment) => sum + total(moment.requests), 0) / slice.length);
  }
  return points;
}
