import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import '@mantine/charts/styles.layer.css';
import type { Deployment, LoadTest, Series } from '@/api/types';
import { formatBytes, formatShare } from '@/lib/format';
import { ChartCard } from './ChartCard';
import classes from './Charts.module.css';
import {
  axisTo,
  COLORS,
  common,
  countOf,
  drawsLimit,
  LINES,
  latencyOf,
  limitLine,
  numberOf,
  shared,
  splitUnit,
  timeAxis,
} from './chartStyle';
import { lonelyDot } from './LonelyDot';
import { loadBands } from './loadTestBands';
import { type Row, totalsOf } from './series';

interface Props {
  deployment: Deployment;
  series: Series;
  rows: readonly Row[];
  loadTests: readonly LoadTest[];
}

/** Four numbers and their shapes; crosshair and tooltip are one for all. */
export default function Charts(props: Props) {
  return (
    <div className={classes.grid}>
      <Requests {...props} />
      <Latency {...props} />
      <Batches {...props} />
      <Memory {...props} />
    </div>
  );
}

const mostOf = (values: readonly (number | null)[]): number =>
  Math.max(0, ...values.filter((value) => value !== null));

function Requests({ series, rows, loadTests }: Props) {
  const { all, ok, refused, failed } = totalsOf(series);
  return (
    <ChartCard
      title="Requests"
      value={numberOf(series.requests_per_minute)}
      unit={`per minute, ${countOf(all)} in total`}
      legend={[
        { label: '2xx', value: formatShare(ok, all), color: COLORS.main },
        { label: '4xx', value: formatShare(refused, all), color: COLORS.warn },
        { label: '5xx', value: formatShare(failed, all), color: COLORS.bad },
      ]}
    >
      <BarChart
        {...common}
        type="stacked"
        data={[...rows]}
        xAxisProps={timeAxis(rows)}
        series={[
          { name: 'ok', label: '2xx', color: COLORS.main },
          { name: 'refused', label: '4xx', color: COLORS.warn },
          { name: 'failed', label: '5xx', color: COLORS.bad },
        ]}
        valueFormatter={countOf}
        yAxisProps={axisTo('count', mostOf(rows.map((row) => row.ok + row.refused + row.failed)))}
        barProps={{ isAnimationActive: false, radius: 1 }}
        barChartProps={{ ...shared, barCategoryGap: '20%' }}
        referenceAreas={loadBands(rows, loadTests, 'bars')}
      />
    </ChartCard>
  );
}

function Latency({ series, rows, loadTests }: Props) {
  const { latency_ms: whole } = series;
  const [value, unit] = splitUnit(latencyOf(whole.p95));
  return (
    <ChartCard
      title="Latency"
      value={value}
      unit={unit === '' ? 'p95' : `${unit}, p95`}
      legend={LINES.map(({ name, color }) => ({
        label: name,
        value: latencyOf(whole[name]),
        color,
      }))}
    >
      <LineChart
        {...common}
        data={[...rows]}
        xAxisProps={timeAxis(rows)}
        series={[...LINES]}
        withDots={false}
        connectNulls={false}
        valueFormatter={latencyOf}
        yAxisProps={axisTo('milliseconds', mostOf(rows.map(({ p99 }) => p99)))}
        lineProps={({ name }) => ({
          isAnimationActive: false,
          strokeWidth: name === 'p95' ? 2.25 : 1.5,
          dot: lonelyDot(rows.map((row) => row[name as 'p50'])),
        })}
        lineChartProps={shared}
        referenceAreas={loadBands(rows, loadTests, 'lines')}
      />
    </ChartCard>
  );
}

function Batches({ deployment, rows, loadTests }: Props) {
  const limit = deployment.request.serving.max_batch_size;
  const sizes = rows.flatMap(({ batch }) => (batch === null ? [] : [batch]));
  const mean = sizes.length === 0 ? null : sizes.reduce((a, b) => a + b, 0) / sizes.length;
  const most = mostOf(rows.flatMap(({ batch, queue }) => [batch, queue]));
  const drawn = drawsLimit(most, limit);
  return (
    <ChartCard
      title="Batch size"
      value={mean === null ? '–' : mean.toFixed(1)}
      unit={`inputs per batch${limit === null || drawn ? '' : `, limit ${limit}`}`}
      legend={[
        { label: 'Mean', color: COLORS.main },
        { label: 'Waiting', value: numberOf(rows.at(-1)?.queue ?? 0), color: COLORS.quiet },
        ...(drawn ? [{ label: `Limit ${limit}`, color: COLORS.warn }] : []),
      ]}
    >
      <AreaChart
        {...common}
        {...AREA}
        data={[...rows]}
        xAxisProps={timeAxis(rows)}
        series={[
          { name: 'batch', label: 'Mean batch', color: COLORS.main },
          { name: 'queue', label: 'Waiting', color: COLORS.quiet, strokeDasharray: '3 3' },
        ]}
        areaProps={({ name }) => ({
          isAnimationActive: false,
          dot: lonelyDot(rows.map((row) => row[name as 'batch'])),
        })}
        referenceLines={limitLine(drawn ? limit : null)}
        yAxisProps={axisTo('count', Math.max(most, drawn ? (limit ?? 0) : 0))}
        areaChartProps={shared}
        referenceAreas={loadBands(rows, loadTests, 'lines')}
      />
    </ChartCard>
  );
}

function Memory({ deployment, rows, loadTests }: Props) {
  const limit = deployment.memory?.limit_bytes ?? null;
  const now = rows.findLast(({ memory }) => memory !== null)?.memory ?? null;
  const [value, unit] = splitUnit(now === null ? '–' : formatBytes(now));
  const most = mostOf(rows.map(({ memory }) => memory));
  const drawn = drawsLimit(most, limit);
  return (
    <ChartCard
      title="Memory"
      value={value}
      unit={`${unit}${limit === null || drawn ? '' : `, limit ${formatBytes(limit)}`}`}
      legend={[
        { label: 'Used', color: COLORS.main },
        ...(drawn ? [{ label: `Limit ${formatBytes(limit ?? 0)}`, color: COLORS.warn }] : []),
      ]}
    >
      <AreaChart
        {...common}
        {...AREA}
        data={[...rows]}
        xAxisProps={timeAxis(rows)}
        series={[{ name: 'memory', label: 'Used', color: COLORS.main }]}
        valueFormatter={formatBytes}
        areaProps={{ isAnimationActive: false, dot: lonelyDot(rows.map(({ memory }) => memory)) }}
        referenceLines={limitLine(drawn ? limit : null)}
        yAxisProps={axisTo('bytes', Math.max(most, drawn ? (limit ?? 0) : 0))}
        areaChartProps={shared}
        referenceAreas={loadBands(rows, loadTests, 'lines')}
      />
    </ChartCard>
  );
}

const AREA = {
  withGradient: false,
  fillOpacity: 0.14,
  withDots: false,
  connectNulls: false,
  strokeWidth: 1.75,
} as const;
