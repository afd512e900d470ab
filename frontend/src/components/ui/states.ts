import {
  IconAlertCircle,
  IconAlertTriangle,
  IconCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleX,
  IconClock,
  IconClockPause,
  IconHelpCircle,
  IconMoon,
  IconPlayerPause,
  IconProgress,
  IconRefresh,
} from '@tabler/icons-react';
import type { Deployment, DeploymentState, StepName, StepState, Verdict } from '@/api/types';

export type Tone = 'idle' | 'accent' | 'ok' | 'warn' | 'bad';
export type Icon = typeof IconCircle;
export type Group = 'attention' | 'starting' | 'running' | 'idle';

/** What the one button of a state does. `verb` calls the API, `to` goes to a page of the deployment. */
export type StateAction =
  | { label: string; verb: 'cancel' | 'resume' | 'retry' }
  | { label: string; to: 'progress' | 'test' | 'again' };

export interface StateView {
  label: string;
  tone: Tone;
  icon: Icon;
  group: Group;
  action: StateAction | null;
  isTurning?: boolean;
}

const STARTING: StateView = {
  label: 'Starting',
  tone: 'accent',
  icon: IconProgress,
  group: 'starting',
  action: { label: 'View', to: 'progress' },
  isTurning: true,
};

const STALLED: StateView = {
  label: 'Stalled',
  tone: 'warn',
  icon: IconClockPause,
  group: 'attention',
  action: { label: 'Retry now', verb: 'retry' },
};

const STATES: Record<DeploymentState, StateView> = {
  pending: {
    label: 'Waiting',
    tone: 'idle',
    icon: IconClock,
    group: 'starting',
    action: { label: 'Cancel', verb: 'cancel' },
  },
  initializing: STARTING,
  running: {
    label: 'Running',
    tone: 'ok',
    icon: IconCircleCheck,
    group: 'running',
    action: { label: 'Try it', to: 'test' },
  },
  updating: {
    label: 'Updating',
    tone: 'accent',
    icon: IconRefresh,
    group: 'starting',
    action: { label: 'View', to: 'progress' },
    isTurning: true,
  },
  updateFailed: {
    label: 'Update failed, still running',
    tone: 'warn',
    icon: IconAlertTriangle,
    group: 'attention',
    action: { label: 'Show the remedy', to: 'progress' },
  },
  paused: {
    label: 'Paused',
    tone: 'idle',
    icon: IconPlayerPause,
    group: 'idle',
    action: { label: 'Resume', verb: 'resume' },
  },
  scaledToZero: {
    label: 'Sleeping',
    tone: 'idle',
    icon: IconMoon,
    group: 'idle',
    action: { label: 'Wake', verb: 'resume' },
  },
  failed: {
    label: 'Failed',
    tone: 'bad',
    icon: IconAlertCircle,
    group: 'attention',
    action: { label: 'Show the remedy', to: 'progress' },
  },
  cancelled: {
    label: 'Cancelled',
    tone: 'idle',
    icon: IconCircleMinus,
    group: 'idle',
    action: { label: 'Deploy again', to: 'again' },
  },
  deleted: {
    label: 'Deleted',
    tone: 'idle',
    icon: IconCircleMinus,
    group: 'idle',
    action: null,
  },
};

export const STATE_LABEL = (state: DeploymentState): string => STATES[state].label;

/** What a running step is called in the list, and in the title of the progress screen. */
export const STEP_ACTIVITY: Record<StepName, { short: string; long: string }> = {
  validate: { short: 'Checking', long: 'Checking the configuration' },
  download: { short: 'Downloading', long: 'Downloading the model' },
  dependencies: { short: 'Installing', long: 'Installing dependencies' },
  prepare: { short: 'Preparing', long: 'Preparing the model' },
  start: { short: 'Starting', long: 'Starting the model server' },
  verify: { short: 'Verifying', long: 'Verifying with a real request' },
};

type Shown = Pick<Deployment, 'state' | 'progress'>;

/** The vocabulary of states; `inList` names the step instead of "Starting". */
export function stateView(deployment: Shown, inList = false): StateView {
  const view = STATES[deployment.state];
  if (deployment.state !== 'initializing') return view;
  const { current_step: step, steps } = deployment.progress;
  if (steps.some((one) => one.name === step && one.state === 'stalled')) return STALLED;
  return inList && step ? { ...view, label: STEP_ACTIVITY[step].short } : view;
}

export const STEP_STATES: Record<
  StepState | 'unreached',
  { label: string; tone: Tone; icon: Icon }
> = {
  queued: { label: 'Queued', tone: 'idle', icon: IconCircle },
  running: { label: 'Running', tone: 'accent', icon: IconProgress },
  stalled: { label: 'Stalled', tone: 'warn', icon: IconClockPause },
  succeeded: { label: 'Done', tone: 'ok', icon: IconCircleCheck },
  skipped: { label: 'Skipped', tone: 'idle', icon: IconCircleMinus },
  failed: { label: 'Failed', tone: 'bad', icon: IconAlertCircle },
  cancelled: { label: 'Cancelled', tone: 'idle', icon: IconCircleMinus },
  unreached: { label: 'Not run', tone: 'idle', icon: IconCircleDashed },
};

export const FITS: Record<Verdict, { label: string; tone: Tone; icon: Icon }> = {
  fits: { label: 'Fits', tone: 'ok', icon: IconCircleCheck },
  tight: { label: 'Tight', tone: 'warn', icon: IconAlertTriangle },
  'does-not-fit': { label: 'Does not fit', tone: 'bad', icon: IconCircleX },
  unknown: { label: 'Size unknown', tone: 'idle', icon: IconHelpCircle },
};

export const VERDICTS: Record<'ok' | 'warn' | 'block', { label: string; tone: Tone; icon: Icon }> =
  {
    ok: { label: 'Passed', tone: 'ok', icon: IconCircleCheck },
    warn: { label: 'Warning', tone: 'warn', icon: IconAlertTriangle },
    block: { label: 'Error', tone: 'bad', icon: IconAlertCircle },
  };
