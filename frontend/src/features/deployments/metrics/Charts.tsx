import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import '@mantine/charts/styles.layer.css';
import type { Deployment, Series } from '@/api/types';
import { formatBytes, formatPercent } from '@/lib/format';
import { ChartCard } from './ChartCard';
import classes from './Charts.module.css';
import { COLORS, common, LINES, limitLine, numberOf, readableRows } from './look';
import { type Row, totalsOf } from './series';

interface Props {
  deployment: Deployment;
  series: Series;
  rows: readonly Row[];
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

const share = (part: number, all: number): string =>
  all === 0 || part === 0 ? '0' : formatPercent(part / all);

function Requests({ series, rows }: Props) {
  const { all, ok, refused, failed } = totalsOf(series);
  return (
    <ChartCard
      title="Requests"
      value={numberOf(series.requests_per_minute)}
      unit={`per minute, ${Math.round(all).toLocaleString('en')} in all`}
      legend={[
        { label: '2xx', value: share(ok, all), color: COLORS.main },
        { label: '4xx', value: share(refused, all), color: COLORS.warn },
        { label: '5xx', value: share(failed, all), color: COLORS.bad },
      ]}
    >
      <BarChart
        {...common}
        h="100%"
        type="stacked"
        data={readableRows(rows)}
        series={[
          { name: 'ok', label: '2xx', color: COLORS.main },
          { name: 'refused', label: '4xx', color: COLORS.warn },
          { name: 'failed', label: '5xx', color: COLORS.bad },
        ]}
        barProps={{ isAnimationActive: false, radius: 1 }}
        barChartProps={{ syncId: 'metrics', barCategoryGap: 2 }}
      />
    </ChartCard>
  );
}

function Latency({ series, rows }: Props) {
  const { latency_ms: whole } = series;
  return (
    <ChartCard
      title="Latency"
      value={numberOf(whole.p95)}
      unit="ms, p95"
      legend={LINES.map(({ name, color }) => ({
        label: name,
        value: numberOf(whole[name]),
        color,
      }))}
    >
      <LineChart
        {...common}
        h="100%"
        data={readableRows(rows)}
        series={[...LINES]}
        withDots={false}
        connectNulls={false}
        lineProps={({ name }) => ({
          isAnimationActive: false,
          strokeWidth: name === 'p95' ? 2.25 : 1.5,
        })}
        lineChartProps={{ syncId: 'metrics' }}
      />
    </ChartCard>
  );
}

function Batches({ deployment, rows }: Props) {
  const limit = deployment.request.serving.max_batch_size;
  const sizes = rows.flatMap(({ batch }) => (batch === null ? [] : [batch]));
  const mean = sizes.length === 0 ? null : sizes.reduce((a, b) => a + b, 0) / sizes.length;
  const waiting = rows.at(-1)?.queue ?? 0;
  return (
    <ChartCard
      title="Batch size"
      value={mean === null ? '–' : mean.toFixed(1)}
      unit="inputs a batch"
      legend={[
        { label: 'Mean', color: COLORS.main },
        { label: 'Waiting', value: String(Math.round(waiting)), color: COLORS.quiet },
        ...(limit === null ? [] : [{ label: `Limit ${limit}`, color: COLORS.warn }]),
      ]}
    >
      <AreaChart
        {...common}
        h="100%"
        data={readableRows(rows)}
        series={[
          { name: 'batch', label: 'Mean batch', color: COLORS.main },
          { name: 'queue', label: 'Waiting', color: COLORS.quiet, strokeDasharray: '3 3' },
        ]}
        withGradient={false}
        fillOpacity={0.14}
        withDots={false}
        connectNulls={false}
        strokeWidth={1.75}
        areaProps={{ isAnimationActive: false }}
        referenceLines={limitLine(limit)}
        yAxisProps={{
          ...common.yAxisProps,
          domain: [0, (most: number) => Math.ceil(Math.max(most, limit ?? 0, 1))],
        }}
        areaChartProps={{ syncId: 'metrics' }}
      />
    </ChartCard>
  );
}

function Memory({ deployment, rows }: Props) {
  const limit = deployment.memory?.limit_bytes ?? null;
  const now = rows.findLast(({ memory }) => memory !== null)?.memory ?? null;
  const [value = '–', unit = ''] = now === null ? [] : formatBytes(now).split(' ');
  return (
    <ChartCard
      title="Memory"
      value={value}
      unit={unit}
      legend={[
        { label: 'Used', color: COLORS.main },
        ...(limit === null ? [] : [{ label: `Limit ${formatBytes(limit)}`, color: COLORS.warn }]),
      ]}
    >
      <AreaChart
        {...common}
        h="100%"
        data={readableRows(rows)}
        series={[{ name: 'memory', label: 'Used', color: COLORS.main }]}
        withGradient={false}
        fillOpacity={0.14}
        withDots={false}
        connectNulls={false}
        strokeWidth={1.75}
        valueFormatter={formatBytes}
        areaProps={{ isAnimationActive: false }}
        referenceLines={limitLine(limit)}
        yAxisProps={{
          ...common.yAxisProps,
          domain: [0, (most: number) => Math.max(most, limit ?? 0) * 1.05],
          width: 68,
        }}
        areaChartProps={{ syncId: 'metrics' }}
      />
    </ChartCard>
  );
}
