import { Button } from '@mantine/core';
import { Link, useNavigate } from 'react-router';
import { makeProblem } from '@/api/problem';
import { useDeleteDeployment, useSystem } from '@/api/queries';
import type { Deployment, Problem } from '@/api/types';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { StateBadge } from '@/components/ui/StateBadge';
import { formatDuration } from '@/lib/format';
import { whenLocal } from '@/lib/time';
import type { LiveProgress } from '../live/progress';
import { tabTitle } from '../live/words';
import { LogPanel } from '../log/LogPanel';
import { refusal } from '../refusal';
import { useVerb } from '../useVerb';
import { ConfirmButton } from '../view/ConfirmButton';
import { StepList } from '../view/StepList';
import { Subtitle } from '../view/Subtitle';
import { shownAs } from '../view/shownAs';
import classes from '../view/View.module.css';
import own from './FailedView.module.css';
import { Remedies } from './Remedies';
import { type Remedy, remedies, why } from './remedies';
import { failureSummary } from './summary';

interface Props {
  deployment: Deployment;
  progress: LiveProgress;
  /** It failed before one's eyes. */
  takesFocus: boolean;
}

const unknown = (deployment: Deployment): Problem =>
  makeProblem({
    code: 'unknown',
    title: 'The launch failed',
    detail: deployment.message,
    remedy: 'Read the last lines of the log, then retry.',
    status: 500,
  });

/** What happened, why, what to do, and buttons that do it; the steps keep their results. */
export function FailedView({ deployment, progress, takesFocus }: Props) {
  const { data: system } = useSystem();
  const retry = useVerb();
  const problem = progress.problem ?? deployment.problem ?? unknown(deployment);
  const found = { deployment, problem, system: system ?? null };
  const refused = refusal(retry.error);
  const begin = (remedy: Extract<Remedy, { kind: 'retry' }>) =>
    retry.mutate({ id: deployment.id, verb: 'retry', body: remedy.changes ?? undefined });
  const when = `failed at ${whenLocal(deployment.updated_at)}, after ${formatDuration(progress.elapsed)}`;
  return (
    <>
      <PageHeader
        title={deployment.name}
        tabTitle={tabTitle(progress, deployment.name)}
        badge={<StateBadge deployment={shownAs(progress)} />}
        subtitle={<Subtitle deployment={deployment} more={when} />}
        actions={<FailedActions deployment={deployment} />}
      />
      <ProblemCard
        problem={problem}
        summary={failureSummary(progress)}
        why={why(found)}
        takesFocus={takesFocus}
        actions={
          <>
            <Remedies
              deployment={deployment}
              remedies={remedies(found)}
              pendingLabel={retry.isPending ? labelOf(retry.variables.body, found) : null}
              onRetry={begin}
            />
            {refused ? (
              <p className={own.refused}>{`${refused.title}. ${refused.detail}`}</p>
            ) : null}
          </>
        }
      />
      <div className={classes.halves}>
        <StepList progress={progress} />
        <LogPanel key={deployment.generation} id={deployment.id} />
      </div>
    </>
  );
}

/** Which button was pressed: the one whose changes were sent. */
function labelOf(body: unknown, found: Parameters<typeof remedies>[0]): string {
  const same = (remedy: Remedy) =>
    remedy.kind === 'retry' && (remedy.changes ?? undefined) === body;
  const sent = JSON.stringify(body);
  const like = (remedy: Remedy) =>
    remedy.kind === 'retry' && JSON.stringify(remedy.changes ?? undefined) === sent;
  const all = remedies(found);
  return (all.find(same) ?? all.find(like))?.label ?? '';
}

function FailedActions({ deployment }: { deployment: Deployment }) {
  const navigate = useNavigate();
  const remove = useDeleteDeployment();
  return (
    <>
      <Button
        variant="default"
        component={Link}
        to={`/deploy/review?again=${encodeURIComponent(deployment.name)}`}
      >
        Edit settings
      </Button>
      <ConfirmButton
        label="Delete"
        question={`Delete ${deployment.name}?`}
        keep="Cancel"
        confirm="Delete"
        isDangerous
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ id: deployment.id }, { onSuccess: () => navigate('/') })}
      />
    </>
  );
}
