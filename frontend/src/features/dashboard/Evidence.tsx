import type { Deployment } from '@/api/types';
import { stateView } from '@/components/ui/states';
import { toneClass } from '@/components/ui/tones';
import { useNow } from '@/components/ui/useNow';
import { formatDuration, formatEstimate } from '@/lib/format';
import { exactUtc, secondsSince, whenLocal } from '@/lib/time';
import classes from './DeploymentTable.module.css';

/** What a state rests on: a bar and a sentence while it starts, else how long or why. */
export function Evidence({ deployment }: { deployment: Deployment }) {
  const view = stateView(deployment);
  const now = useNow();
  const isMoving = deployment.state === 'initializing' || deployment.state === 'updating';
  return (
    <span className={classes.evidence}>
      {isMoving ? (
        <span className={`${classes.track} ${toneClass(view.tone)}`} aria-hidden>
          <span style={{ width: `${deployment.progress.percent}%` }} />
        </span>
      ) : null}
      <span title={exactUtc(deployment.updated_at)}>{evidenceOf(deployment, now)}</span>
    </span>
  );
}

export function evidenceOf(deployment: Deployment, now = new Date()): string {
  const { state, progress, problem, message, updated_at: since } = deployment;
  switch (state) {
    case 'running':
      return formatDuration(Math.floor(secondsSince(since, now)));
    case 'paused':
    case 'cancelled':
      return `Since ${whenLocal(since, now)}`;
    case 'scaledToZero':
      return `Since ${whenLocal(since, now)}, until resumed`;
    case 'failed':
    case 'updateFailed':
      return problem?.title ?? message;
    case 'initializing':
    case 'updating':
      return stepOf(progress, message);
    default:
      return message;
  }
}

function stepOf(progress: Deployment['progress'], message: string): string {
  const at = progress.steps.findIndex((step) => step.name === progress.current_step);
  const step = progress.steps[at];
  if (step === undefined || step.state === 'stalled') return message;
  const eta = progress.eta_seconds;
  const left = eta !== null && eta > 0 ? `, ${formatEstimate(eta)} left` : '';
  return `Step ${at + 1} of ${progress.total_steps}${left}`;
}
