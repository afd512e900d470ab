import { cx } from '@/components/ui/cx';
import { formatBytes, formatMs } from '@/lib/format';
import { clockSeconds, exactUtc } from '@/lib/time';
import { type Band, isInBand } from './bands';
import { countOf } from './chartStyle';
import classes from './MetricsTab.module.css';
import type { Row } from './series';

/** The rows that the charts draw, newest first. */
export function MetricsTable({ rows, bands }: { rows: readonly Row[]; bands: readonly Band[] }) {
  const numbered = rows.map((row, index) => ({ row, isTested: isInBand(index, bands) }));
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
          {numbered.toReversed().map(({ row, isTested }) => (
            <MetricsRow key={row.at} row={row} isTested={isTested} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function MetricsRow({ row, isTested }: { row: Row; isTested: boolean }) {
  const { batch, memory } = row;
  return (
    <tr className={cx(isTested && classes.tested)}>
      <th scope="row" title={exactUtc(row.at)}>
        {clockSeconds(row.at)}
        {isTested ? ' load test' : null}
      </th>
      <Count value={row.ok} />
      <Count value={row.refused} />
      <Count value={row.failed} isBad />
      {(['p50', 'p90', 'p95', 'p99'] as const).map((name) => (
        <Known key={name} text={known(row[name], formatMs)} />
      ))}
      <Known text={known(batch, (size) => size.toFixed(1))} />
      <Count value={row.queue} />
      <Known text={known(memory, formatBytes)} />
    </tr>
  );
}

const known = (value: number | null, format: (value: number) => string): string | null =>
  value === null ? null : format(value);

/** A value that is missing is a dash. */
function Known({ text }: { text: string | null }) {
  return <td className={text === null ? classes.zero : undefined}>{text ?? '–'}</td>;
}

function Count({ value, isBad = false }: { value: number; isBad?: boolean }) {
  const look = value === 0 ? classes.zero : isBad ? classes.bad : undefined;
  return <td className={look}>{countOf(value)}</td>;
}
