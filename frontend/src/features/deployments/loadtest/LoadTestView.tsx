import { Button, Progress } from '@mantine/core';
import { Link } from 'react-router';
import { asProblem } from '@/api/problem';
import { useCancelLoadTest } from '@/api/queries';
import type { Deployment, LoadTest, LoadTestResult } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { When } from '@/components/ui/Quantity';
import { Section } from '@/components/ui/Section';
import { formatCount, formatPercent, plural } from '@/lib/format';
import { batchBars, errorsOf, loadOf, rowsOf } from './figures';
import { LoadTestBadge } from './LoadTestBadge';
import classes from './LoadTestTab.module.css';

interface Props {
  deployment: Deployment;
  test: LoadTest;
}

/** One load test: live while it runs, then its figures beside those of prepare. */
export function LoadTestView({ deployment, test }: Props) {
  return (
    <Section
      title={
        <span className={classes.title}>
          {test.ended_at === null ? 'Live' : 'Result'} <LoadTestBadge state={test.state} />
        </span>
      }
      note={<When at={test.started_at ?? test.created_at} />}
    >
      <p className={classes.note}>{loadOf(test)}</p>
      {test.ended_at === null ? <Live deployment={deployment} test={test} /> : null}
      {test.problem ? <ProblemCard problem={test.problem} /> : null}
      {test.state === 'cancelled' ? <p className={classes.note}>{test.message}</p> : null}
      {test.result ? <Figures test={test} result={test.result} /> : null}
      {test.started_at !== null && test.ended_at !== null ? (
        <Link to={`/deployments/${encodeURIComponent(deployment.id)}/metrics`}>
          Show it in the metrics
        </Link>
      ) : null}
    </Section>
  );
}

function Live({ deployment, test }: Props) {
  const cancel = useCancelLoadTest(deployment.id);
  const { progress } = test;
  const share = Math.min(1, (progress?.elapsed_seconds ?? 0) / test.seconds);
  return (
    <div className={classes.live}>
      <Progress value={share * 100} aria-label={`Load test, ${formatPercent(share, 0)}`} />
      <div className={classes.foot}>
        <p className={classes.rate}>
          <strong>{progress ? formatCount(progress.requests_per_second) : '–'}</strong> requests per
          second
        </p>
        {progress?.tokens_per_second != null ? (
          <p className={classes.rate}>
            <strong>{formatCount(progress.tokens_per_second)}</strong> tokens per second
          </p>
        ) : null}
        <Button
          variant="default"
          className={classes.end ?? ''}
          loading={cancel.isPending}
          onClick={() => cancel.mutate(test.id)}
        >
          Cancel load test
        </Button>
      </div>
      <p className={classes.note}>
        {progress ? `${soFar(progress.requests)}, ${failedSoFar(progress.errors)}.` : test.message}
      </p>
      {cancel.error ? <ProblemCard problem={asProblem(cancel.error)} takesFocus /> : null}
    </div>
  );
}

const soFar = (requests: number): string => `${plural(requests, 'response')} so far`;
const failedSoFar = (errors: number): string => (errors === 0 ? 'none failed' : `${errors} failed`);

function Figures({ test, result }: { test: LoadTest; result: LoadTestResult }) {
  const rows = rowsOf(test);
  const errors = errorsOf(result);
  const { prepare } = test;
  return (
    <>
      {errors === null ? null : (
        <p className={classes.errors}>
          {errors} {result.first_error ? <code>{result.first_error}</code> : null}
        </p>
      )}
      <div className={classes.figures}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{plural(result.requests, 'request')}</th>
              <th scope="col">Load test</th>
              {prepare ? <th scope="col">Prepare</th> : null}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, value, prepare: promised }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
                {prepare ? <td className={classes.promised}>{promised ?? '–'}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
        <Batches result={result} />
      </div>
      <p className={classes.note}>
        {prepare
          ? `Prepare measured the model alone: ${prepare.dtype}, ${plural(prepare.threads, 'thread')}, without HTTP and queue, and not beside a load generator on the same cores.`
          : 'Prepare did not measure this model, so there is nothing to compare with.'}
      </p>
    </>
  );
}

function Batches({ result }: { result: LoadTestResult }) {
  const bars = batchBars(result);
  if (bars.length === 0) return null;
  const most = Math.max(...bars.map(({ share }) => share));
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Batch size</th>
          <th scope="col" colSpan={2}>
            Share of batches
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map(({ label, share }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td className={classes.barCell}>
              <span className={classes.bar} style={{ width: `${(share / most) * 100}%` }} />
            </td>
            <td>{formatPercent(share, 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
