import { formatBytes, formatMs } from '@/lib/format';
import { clockSeconds, exactUtc } from '@/lib/time';
import { countOf } from './chartStyle';
import classes from './MetricsTab.module.css';
import type { Row } from './series';

/** The rows that the charts draw, newest first. */
export function MetricsTable({ rows }: { rows: readonly Row[] }) {
  return (
    <section
      className={classes.scroll}
      aria-label="Metrics of the window"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Until</th>
            <th scope="col">2xx</th>
            <th scope="col">4xx</th>
            <th scope="col">5xx</th>
            <th scope="col">p50</th>
            <th scope="col">p90</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
            <th scope="col">Batch</th>
            <th scope="col">Waiting</th>
            <th scope="col">Memory</th>
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map((row) => (
            <tr key={row.at}>
              <th scope="row" title={exactUtc(row.at)}>
                {clockSeconds(row.at)}
              </th>
              <Count value={row.ok} />
              <Count value={row.refused} />
              <Count value={row.failed} isBad />
              <Known text={row.p50 === null ? null : formatMs(row.p50)} />
              <Known text={row.p90 === null ? null : formatMs(row.p90)} />
              <Known text={row.p95 === null ? null : formatMs(row.p95)} />
              <Known text={row.p99 === null ? null : formatMs(row.p99)} />
              <Known text={row.batch === null ? null : row.batch.toFixed(1)} />
              <Count value={row.queue} />
              <Known text={row.memory === null ? null : formatBytes(row.memory)} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A value that is missing is a dash. */
function Known({ text }: { text: string | null }) {
  return <td className={text === null ? classes.zero : undefined}>{text ?? '–'}</td>;
}

function Count({ value, isBad = false }: { value: number; isBad?: boolean }) {
  const look = value === 0 ? classes.zero : isBad ? classes.bad : undefined;
  return <td className={look}>{countOf(value)}</td>;
}
