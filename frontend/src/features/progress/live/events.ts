/** Progress as a pure function of events, whatever order or number they arrive in. */

import type { DeploymentEvent, DeploymentState, Problem, StepName, StepState } from '@/api/types';
import {
  type Download,
  isOver,
  type LiveProgress,
  type LiveStep,
  laterClock,
  type Pause,
  stepOf,
} from './progress';

/** Something between was missed: ask again with `after`. */
export const isGap = (progress: LiveProgress, event: DeploymentEvent): boolean =>
  event.seq !== null && event.seq > progress.seq + 1;

/** The same object when the event says nothing new: seen before, or after a gap. */
export function applyEvent(progress: LiveProgress, event: DeploymentEvent): LiveProgress {
  if (event.seq === null) return withClock(progress, event);
  if (event.seq !== progress.seq + 1) return progress;
  const next = { ...progress, seq: event.seq };
  if (Date.parse(event.at) < progress.asOf) return withNumbers(next, event);
  return steady(next, told(next, event));
}

const neverBack = (old: number, told: number): number => Math.min(100, Math.max(old, told));

/** Percent and clock go forward, except that a new attempt begins anew. */
function steady(old: LiveProgress, next: LiveProgress): LiveProgress {
  if (next.state === 'pending' && old.state !== 'pending') return next;
  return { ...next, ...laterClock(old, next), percent: neverBack(old.percent, next.percent) };
}

/** A heartbeat, which is not stored, tells only where things are. */
function withClock(progress: LiveProgress, event: DeploymentEvent): LiveProgress {
  const percent = neverBack(progress.percent, event.percent);
  return percent === progress.percent ? progress : { ...progress, percent };
}

/** An event from before the snapshot: only what a snapshot does not carry is taken. */
function withNumbers(progress: LiveProgress, event: DeploymentEvent): LiveProgress {
  if (event.current_step !== progress.current) return progress;
  const download = downloadOf(progress.download, event);
  const isSkippable = event.details.skippable === true;
  return { ...progress, download, isSkippable, pause: pauseOf(progress, event, download) };
}

function told(progress: LiveProgress, event: DeploymentEvent): LiveProgress {
  const at = Date.parse(event.at);
  const common: LiveProgress = {
    ...progress,
    asOf: at,
    percent: event.percent,
    current: event.current_step,
    completed: event.completed_steps,
    message: event.message,
    elapsed: event.elapsed_seconds,
    elapsedAt: at,
    isSkippable: event.details.skippable === true,
  };
  switch (event.type) {
    case 'state_changed':
      return changed(common, event);
    case 'running':
      return ended(common, event, 'running', 'succeeded');
    case 'failed':
      return ended(common, event, 'failed', 'failed');
    case 'cancelled':
      return ended(common, event, 'cancelled', 'cancelled');
    default:
      return worked(progress, common, event);
  }
}

function worked(old: LiveProgress, next: LiveProgress, event: DeploymentEvent): LiveProgress {
  const isNewStep = event.type === 'step_started' || old.current !== event.current_step;
  const before = isNewStep ? null : old.download;
  const download = downloadOf(before, event);
  const pause = isNewStep ? null : pauseOf(old, event, download);
  return {
    ...next,
    state: old.state === 'updating' ? 'updating' : 'initializing',
    problem: null,
    download,
    pause,
    steps: stepsAfter(old, event, stateTold(event, pause), download),
  };
}

function stateTold(event: DeploymentEvent, pause: Pause | null): StepState {
  if (event.type === 'step_succeeded') return 'succeeded';
  if (event.type === 'step_skipped') return 'skipped';
  return pause?.kind === 'stalled' ? 'stalled' : 'running';
}

/** The current step is in `state`; what lies before it is over, even if that event was missed. */
function stepsAfter(
  progress: LiveProgress,
  event: DeploymentEvent,
  state: StepState,
  download: Download | null,
): LiveStep[] {
  const at = Date.parse(event.at);
  const index = progress.steps.findIndex((step) => step.name === event.current_step);
  return progress.steps.map((step, place) => {
    if (place < index && !isOver(step)) return finished(step, 'succeeded', at);
    if (place !== index) return step;
    const begun = { ...step, beganAt: event.type === 'step_started' ? at : (step.beganAt ?? at) };
    if (state === 'succeeded' || state === 'skipped') {
      return { ...finished(begun, state, at), message: event.message };
    }
    const percent = percentOfStep(progress, step, event, download);
    return { ...begun, state, took: null, percent, message: event.message };
  });
}

/** Events tell the percent of the whole; what the steps before have not earned is this one's. */
function percentOfStep(
  progress: LiveProgress,
  step: LiveStep,
  event: DeploymentEvent,
  download: Download | null,
): number {
  if (event.type === 'step_started') return 0;
  if (download !== null) {
    return download.total > 0 ? (100 * download.done) / download.total : 100;
  }
  const earned = progress.steps
    .filter((one) => one.state === 'succeeded' || one.state === 'skipped')
    .reduce((sum, one) => sum + one.weight, 0);
  const own = step.weight > 0 ? (100 * (event.percent - earned)) / step.weight : 0;
  return Math.min(100, Math.max(step.percent, own));
}

const finished = (step: LiveStep, state: StepState, at: number): LiveStep => ({
  ...step,
  state,
  percent: state === 'succeeded' || state === 'skipped' ? 100 : step.percent,
  took: step.took ?? (step.beganAt === null ? null : Math.max(0, at - step.beganAt) / 1000),
});

function ended(
  progress: LiveProgress,
  event: DeploymentEvent,
  state: DeploymentState,
  stepState: StepState,
): LiveProgress {
  const at = Date.parse(event.at);
  const problem =
    state === 'failed' ? ((event.details.problem as Problem | undefined) ?? null) : null;
  return {
    ...progress,
    state,
    problem,
    pause: null,
    download: null,
    steps: progress.steps.map((step) =>
      step.name === event.current_step && !isOver(step) ? finished(step, stepState, at) : step,
    ),
  };
}

/** From outside an attempt the event names the state; an attempt that begins does not. */
function changed(progress: LiveProgress, event: DeploymentEvent): LiveProgress {
  const state = (event.details.state as DeploymentState | undefined) ?? 'initializing';
  const plain = { ...progress, state, problem: null, pause: null, download: null };
  return state === 'pending' ? { ...plain, steps: progress.steps.map(queued) } : plain;
}

const queued = (step: LiveStep): LiveStep => ({
  ...step,
  state: 'queued',
  percent: 0,
  beganAt: null,
  took: null,
  message: '',
});

const numberIn = (event: DeploymentEvent, name: string): number | null => {
  const value = event.details[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};

function downloadOf(before: Download | null, event: DeploymentEvent): Download | null {
  const [done, total] = [numberIn(event, 'bytes_done'), numberIn(event, 'bytes_total')];
  if (event.current_step !== ('download' satisfies StepName)) return null;
  if (done === null || total === null) return before;
  const file = event.details.file;
  return {
    file: typeof file === 'string' ? file : '',
    done,
    total,
    speed: numberIn(event, 'bytes_per_second') ?? 0,
    eta: numberIn(event, 'eta_seconds'),
    movedAt: before !== null && before.done >= done ? before.movedAt : Date.parse(event.at),
  };
}

/** A stall lasts until bytes come again: a meter that reports the same number ends nothing. */
function pauseOf(
  progress: LiveProgress,
  event: DeploymentEvent,
  download: Download | null,
): Pause | null {
  if (event.type === 'stalled' || event.type === 'retrying') {
    const at = Date.parse(event.at);
    const wait = numberIn(event, 'retry_in_seconds');
    const step = stepOf(progress, progress.current);
    return {
      kind: event.type,
      message: event.message,
      since: progress.pause?.since ?? progress.download?.movedAt ?? step?.beganAt ?? at,
      retryAt: wait === null ? null : at + wait * 1000,
      attempt: numberIn(event, 'attempt'),
      bytes: progress.download?.done ?? null,
    };
  }
  const { pause } = progress;
  const holds = event.type === 'progress' || event.type === 'resumed';
  if (pause === null || pause.bytes === null || !holds || download === null) return null;
  return download.done > pause.bytes ? null : pause;
}
