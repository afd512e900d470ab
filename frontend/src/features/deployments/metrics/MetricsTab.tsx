import { SegmentedControl, Switch } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { asProblem } from '@/api/problem';
import { useLoadTests, useMetrics } from '@/api/queries';
import type { Deployment, LoadTest, Series } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { EmptyState } from '@/components/ui/EmptyState';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { PageSkeleton } from '@/components/ui/Skeletons';
import { stateView } from '@/components/ui/states';
import { useAddressQuery } from '@/lib/useAddressQuery';
import { bandsOf, isInBand } from './bands';
import classes from './MetricsTab.module.css';
import { MetricsTable } from './MetricsTable';
import { anomalyOf, rowsOf } from './series';

const Charts = lazy(() => import('./Charts'));

const WINDOWS = [
  { value: '5m', label: '5 min' },
  { value: '15m', label: '15 min' },
  { value: '1h', label: '1 h' },
];
const DEFAULT_WINDOW = '15m';

/** The window and the table are in the address, so that a link shows the same. */
function useChoices() {
  const [search, put] = useAddressQuery();
  const asked = search.get('window');
  return {
    window: WINDOWS.some(({ value }) => value === asked) && asked ? asked : DEFAULT_WINDOW,
    setWindow: (value: string) => put('window', value === DEFAULT_WINDOW ? '' : value),
    isTable: search.get('view') === 'table',
    setIsTable: (isTable: boolean) => put('view', isTable ? 'table' : ''),
  };
}

export function MetricsTab({ deployment }: { deployment: Deployment }) {
  const { window, setWindow, isTable, setIsTable } = useChoices();
  const { data, error } = useMetrics(deployment.id, window);
  const { data: loadTests = [] } = useLoadTests(deployment.id);
  if (!data && error) return <ProblemCard problem={asProblem(error)} />;
  return (
    <>
      <div className={classes.bar}>
        <p className={classes.sentence}>
          {data ? <Sentence deployment={deployment} series={data} loadTests={loadTests} /> : null}
        </p>
        <Switch
          label="Show as table"
          checked={isTable}
          onChange={(event) => setIsTable(event.currentTarget.checked)}
        />
        <SegmentedControl aria-label="Window" data={WINDOWS} value={window} onChange={setWindow} />
      </div>
      {data ? (
        <Numbers deployment={deployment} series={data} loadTests={loadTests} isTable={isTable} />
      ) : (
        <PageSkeleton />
      )}
    </>
  );
}

function Sentence({ deployment, series, loadTests }: Omit<NumbersProps, 'isTable'>) {
  const isLive = deployment.state === 'running';
  const rows = rowsOf(series);
  const bands = bandsOf(rows, loadTests);
  const anomaly = anomalyOf(rows, (row) => isInBand(rows.indexOf(row), bands));
  return (
    <>
      <span className={cx(classes.dot, isLive && classes.live)} aria-hidden />
      {isLive
        ? `Live, every ${Math.max(1, Math.round(series.interval_seconds || 5))} s.`
        : `${stateView(deployment).label}: no new metrics.`}{' '}
      {anomaly}
    </>
  );
}

interface NumbersProps {
  deployment: Deployment;
  series: Series;
  loadTests: readonly LoadTest[];
  isTable: boolean;
}

function Numbers({ deployment, series, loadTests, isTable }: NumbersProps) {
  const rows = rowsOf(series);
  if (rows.length === 0) {
    return (
      <EmptyState
        title="No metrics in this window"
        text="Metrics are collected every five seconds while there are requests, otherwise once a minute, and kept for one hour. A restart of Slipway deletes them."
      />
    );
  }
  return isTable ? (
    <MetricsTable rows={rows} bands={bandsOf(rows, loadTests)} />
  ) : (
    <Suspense fallback={<PageSkeleton />}>
      <Charts deployment={deployment} series={series} rows={rows} loadTests={loadTests} />
    </Suspense>
  );
}
