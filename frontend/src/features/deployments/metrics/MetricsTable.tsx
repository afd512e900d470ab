import { formatBytes } from '@/lib/format';
import { clockSeconds, exactUtc } from '@/lib/time';
import classes from './MetricsTab.module.css';
import type { Row } from './series';

const ms = (value: number | null): string =>
  value === null ? '–' : value < 100 ? value.toFixed(1) : String(Math.round(value));

/** The rows that the charts draw, newest first. */
export function MetricsTable({ rows }: { rows: readonly Row[] }) {
  return (
    <section
      className={classes.scroll}
      aria-label="Numbers of the window"
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
            <th scope="col">p50 ms</th>
            <th scope="col">p90 ms</th>
            <th scope="col">p95 ms</th>
            <th scope="col">p99 ms</th>
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
              <td>{ms(row.p50)}</td>
              <td>{ms(row.p90)}</td>
              <td>{ms(row.p95)}</td>
              <td>{ms(row.p99)}</td>
              <td>{row.batch === null ? '–' : row.batch.toFixed(1)}</td>
              <Count value={row.queue} />
              <td>{row.memory === null ? '–' : formatBytes(row.memory)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Count({ value, isBad = false }: { value: number; isBad?: boolean }) {
  const look = value === 0 ? classes.zero : isBad ? classes.bad : undefined;
  return <td className={look}>{Math.round(value)}</td>;
}
