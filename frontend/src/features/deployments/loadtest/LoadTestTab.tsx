import { asProblem } from '@/api/problem';
import { useLoadTests } from '@/api/queries';
import type { Deployment, LoadTest } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Section } from '@/components/ui/Section';
import { PageSkeleton } from '@/components/ui/Skeletons';
import { useAddressQuery } from '@/lib/useAddressQuery';
import { LoadTestForm } from './LoadTestForm';
import classes from './LoadTestTab.module.css';
import { LoadTestView } from './LoadTestView';
import { PastLoadTests } from './PastLoadTests';

/** Load on the endpoint, and how it holds: the form, the chosen test, and those before. */
export function LoadTestTab({ deployment }: { deployment: Deployment }) {
  const { data: tests, error } = useLoadTests(deployment.id);
  const [search, put] = useAddressQuery();
  if (!tests && error) return <ProblemCard problem={asProblem(error)} />;
  if (!tests) return <PageSkeleton />;
  const [newest] = tests;
  const active = tests.find((test) => test.ended_at === null) ?? null;
  const shown = tests.find((test) => test.id === search.get('test')) ?? newest ?? null;
  return (
    <div className={classes.grid}>
      <LoadTestForm
        deployment={deployment}
        isBusy={active !== null}
        onStarted={() => put('test', '')}
      />
      <div className={classes.results}>
        {shown === null ? (
          <Nothing />
        ) : (
          <LoadTestView key={shown.id} deployment={deployment} test={shown} />
        )}
        {tests.length > 1 ? (
          <PastLoadTests
            tests={tests}
            shown={shown}
            onChoose={({ id }: LoadTest) => put('test', id === newest?.id ? '' : id)}
          />
        ) : null}
      </div>
    </div>
  );
}

function Nothing() {
  return (
    <Section title="No load test yet">
      <p className={classes.note}>
        A load test sends requests to the endpoint from this machine and measures throughput,
        latency and batch sizes. Other clients are served meanwhile, slower.
      </p>
    </Section>
  );
}
