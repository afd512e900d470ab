/** What the screen knows of an attempt: a value that only the functions of this folder make. */

import type {
  Deployment,
  DeploymentState,
  Problem,
  StepName,
  StepProgress,
  StepState,
} from '@/api/types';

export interface LiveStep extends Omit<StepProgress, 'elapsed_seconds'> {
  /** Unix milliseconds of the server's clock; null before it began, or where only its length is known. */
  beganAt: number | null;
  /** Seconds, once it is over. */
  took: number | null;
}

export interface Download {
  file: string;
  done: number;
  total: number;
  /** Bytes per second. */
  speed: number;
  /** Seconds; null before there is ground to say so. */
  eta: number | null;
  /** When bytes last came. */
  movedAt: number;
}

/** The step waits before it tries again by itself. */
export interface Pause {
  kind: 'stalled' | 'retrying';
  message: string;
  since: number;
  /** Unix milliseconds; null where the step did not say. */
  retryAt: number | null;
  attempt: number | null;
  /** Bytes on disk when it began; more of them end it. */
  bytes: number | null;
}

export interface LiveProgress {
  /** Of the last event that is part of this; 0 before any. */
  seq: number;
  /** Events older than this are part of it already, by a snapshot. */
  asOf: number;
  state: DeploymentState;
  percent: number;
  current: StepName | null;
  completed: number;
  steps: readonly LiveStep[];
  message: string;
  /** Seconds of work, as of `elapsedAt`. */
  elapsed: number;
  elapsedAt: number;
  download: Download | null;
  pause: Pause | null;
  /** The current step does something that a person may skip. */
  isSkippable: boolean;
  problem: Problem | null;
}

export const WORKING: ReadonlySet<DeploymentState> = new Set([
  'pending',
  'initializing',
  'updating',
]);

const OVER: ReadonlySet<StepState> = new Set(['succeeded', 'skipped', 'failed', 'cancelled']);

export const isOver = (step: Pick<LiveStep, 'state'>): boolean => OVER.has(step.state);

export const isWorking = (progress: Pick<LiveProgress, 'state'>): boolean =>
  WORKING.has(progress.state);

export const stepOf = (progress: LiveProgress, name: StepName | null): LiveStep | null =>
  progress.steps.find((step) => step.name === name) ?? null;

function liveStep({ elapsed_seconds: elapsed, ...step }: StepProgress, at: number): LiveStep {
  if (isOver(step)) return { ...step, beganAt: null, took: elapsed };
  return { ...step, beganAt: elapsed === null ? null : at - elapsed * 1000, took: null };
}

/** What `GET /deployments/{id}` says. The events up to `updated_at` are part of it. */
export function fromSnapshot(deployment: Deployment): LiveProgress {
  const { progress } = deployment;
  const at = Date.parse(deployment.updated_at);
  return {
    seq: 0,
    asOf: at,
    state: deployment.state,
    percent: progress.percent,
    current: progress.current_step,
    completed: progress.completed_steps,
    steps: progress.steps.map((step) => liveStep(step, at)),
    message: deployment.message,
    elapsed: progress.elapsed_seconds,
    elapsedAt: at,
    download: null,
    pause: null,
    isSkippable: false,
    problem: deployment.problem,
  };
}

/** A newer snapshot over what is known; within one attempt neither percent nor clock goes back. */
export function applySnapshot(progress: LiveProgress, deployment: Deployment): LiveProgress {
  const taken = fromSnapshot(deployment);
  if (taken.asOf < progress.asOf) return withPlan(progress, taken.steps);
  const isSameAttempt = isWorking(progress) && isWorking(taken) && !isNewAttempt(progress, taken);
  if (!isSameAttempt) return { ...taken, seq: progress.seq };
  const isSameStep = progress.current === taken.current;
  return {
    ...taken,
    seq: progress.seq,
    percent: Math.max(progress.percent, taken.percent),
    ...laterClock(progress, taken),
    ...(isSameStep ? heldUp(progress, taken.steps) : {}),
  };
}

/** What snapshots do not carry: the bytes, a stall, which lasts until bytes come, and the skip. */
const heldUp = (
  { download, pause, isSkippable, current }: LiveProgress,
  steps: readonly LiveStep[],
): Pick<LiveProgress, 'download' | 'pause' | 'isSkippable' | 'steps'> => ({
  download,
  pause,
  isSkippable,
  steps: steps.map((step) =>
    pause?.kind === 'stalled' && step.name === current && step.state === 'running'
      ? { ...step, state: 'stalled' }
      : step,
  ),
});

/** Shares and estimates are settled once the plan is known, and events do not carry them. */
const withPlan = (progress: LiveProgress, planned: readonly LiveStep[]): LiveProgress => ({
  ...progress,
  steps: progress.steps.map((step) => {
    const plan = planned.find((one) => one.name === step.name);
    if (plan === undefined) return step;
    const { weight, estimate_seconds, timeout_seconds } = plan;
    return { ...step, weight, estimate_seconds, timeout_seconds };
  }),
});

/** Somebody retried, here or in another tab: everything is queued again. */
const isNewAttempt = (old: LiveProgress, taken: LiveProgress): boolean =>
  taken.state === 'pending' && old.state !== 'pending' && taken.elapsed === 0;

/** Seconds of work until `now`. The clock runs between events while there is work. */
export function elapsedNow(progress: LiveProgress, now: number): number {
  const runs = progress.state === 'initializing' || progress.state === 'updating';
  return progress.elapsed + (runs ? Math.max(0, now - progress.elapsedAt) / 1000 : 0);
}

type Clock = Pick<LiveProgress, 'elapsed' | 'elapsedAt'>;

/** The clock that is further on: it has been seen, so it can't be taken back. */
export const laterClock = (old: LiveProgress, next: LiveProgress): Clock => {
  const { elapsed, elapsedAt } = elapsedNow(old, next.elapsedAt) > next.elapsed ? old : next;
  return { elapsed, elapsedAt };
};

export function stepSeconds(step: LiveStep, now: number): number | null {
  if (step.took !== null) return step.took;
  return step.beganAt === null ? null : Math.max(0, now - step.beganAt) / 1000;
}

const ETA_AFTER_SECONDS = 3;

/** Seconds left, or null where nobody knows: too early, or a step runs longer than expected. */
export function secondsLeft(progress: LiveProgress, now: number): number | null {
  const step = stepOf(progress, progress.current);
  if (progress.state !== 'initializing' || step === null || progress.pause !== null) return null;
  const current = leftOfStep(progress, step, now);
  const later = progress.steps.filter((one) => one.state === 'queued');
  if (current === null || later.some((one) => one.estimate_seconds === null)) return null;
  return current + later.reduce((sum, one) => sum + (one.estimate_seconds ?? 0), 0);
}

function leftOfStep(progress: LiveProgress, step: LiveStep, now: number): number | null {
  if (isOver(step)) return 0;
  if (step.name === 'download' && progress.download) return progress.download.eta;
  if (step.estimate_seconds === null || elapsedNow(progress, now) < ETA_AFTER_SECONDS) return null;
  const left = step.estimate_seconds - (stepSeconds(step, now) ?? 0);
  return left > 0 ? left : null;
}
