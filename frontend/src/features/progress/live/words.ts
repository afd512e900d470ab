/** Sentences about progress, for the eye, the tab's title and the live region. */

import type { DeploymentState } from '@/api/types';
import { STEP_ACTIVITY } from '@/components/ui/states';
import { formatBytes, formatDuration, formatEstimate, formatRate } from '@/lib/format';
import { elapsedNow, isWorking, type LiveProgress, secondsLeft } from './progress';

/** "47 s": a running clock in whole seconds, so that it does not flicker. */
export const runningTime = (seconds: number): string =>
  seconds < 10 ? `${Math.floor(seconds)} s` : formatDuration(Math.floor(seconds));

/** "1.89 of 3.09 GB": one unit, that of the whole. */
export function bytesOf(done: number, total: number): string {
  const whole = formatBytes(total);
  const [digits = '', unit = ''] = whole.split(' ');
  const factor = Number(digits) > 0 ? total / Number(digits) : 1;
  const places = digits.split('.')[1]?.length ?? 0;
  return `${(done / factor).toFixed(places)} of ${digits} ${unit}`;
}

const isRestart = (progress: LiveProgress): boolean =>
  progress.state === 'initializing' && progress.completed === progress.steps.length;

/** "Downloading the model": what is going on, in a few words. */
export function activity(progress: LiveProgress): string {
  if (progress.state === 'pending') return 'Waiting in the queue';
  if (progress.state === 'running') return 'Launched';
  if (progress.pause?.kind === 'stalled') {
    return progress.current === 'download' ? 'The download has stalled' : 'The step has stalled';
  }
  if (isRestart(progress)) return 'Restarting the model server';
  return progress.current ? STEP_ACTIVITY[progress.current].long : 'Preparing';
}

/** The sentence below it. */
export function situation(progress: LiveProgress, now: number): string {
  const { pause, download } = progress;
  if (progress.state === 'pending')
    return progress.message || 'It starts when another deployment has started.';
  if (pause?.kind === 'stalled') {
    const since = `No data received for ${runningTime(Math.max(0, now - pause.since) / 1000)}.`;
    return download ? `${since} ${formatBytes(download.done)} of it is already on disk.` : since;
  }
  if (isRestart(progress)) return progress.message;
  const at = progress.steps.findIndex((step) => step.name === progress.current);
  const place = at < 0 ? '' : `Step ${at + 1} of ${progress.steps.length}. `;
  return `${place}You can close this tab; the launch continues.`;
}

export type Figure = readonly [term: string, value: string];

/** The numbers beside the percent. */
export function figures(progress: LiveProgress, now: number): Figure[] {
  const { download, pause } = progress;
  const shown: Figure[] = [];
  if (download) {
    shown.push(['Received', bytesOf(download.done, download.total)]);
    shown.push(['Speed', pause ? '0 MB/s' : formatRate(download.speed)]);
  }
  if (pause?.retryAt) shown.push(['Next retry in', untilWords(pause.retryAt, now)]);
  else if (progress.state === 'initializing') shown.push(['Remaining', leftWords(progress, now)]);
  if (progress.state !== 'pending') {
    shown.push(['Elapsed', runningTime(elapsedNow(progress, now))]);
  }
  return shown;
}

export const untilWords = (at: number, now: number): string =>
  at <= now ? 'now' : runningTime(Math.ceil((at - now) / 1000));

function leftWords(progress: LiveProgress, now: number): string {
  const seconds = secondsLeft(progress, now);
  return seconds === null ? 'unknown' : formatEstimate(seconds);
}

/** The value of the progress bar for those who hear it. */
export function spoken(progress: LiveProgress, now: number): string {
  const seconds = secondsLeft(progress, now);
  const left = seconds === null ? '' : `, ${formatEstimate(seconds)} left`;
  return `${Math.round(progress.percent)} percent, ${activity(progress).toLowerCase()}${left}`;
}

// A failure speaks for itself: its card is an alert.
const ENDED: Partial<Record<DeploymentState, string>> = {
  running: 'Launched and verified with a real request.',
  cancelled: 'Cancelled.',
  failed: '',
};

/** What the live region says when one state follows another; null where it stays silent. */
export function announcement(before: LiveProgress, after: LiveProgress): string | null {
  const isNewState = after.state !== before.state;
  const ended = isNewState ? ENDED[after.state] : undefined;
  if (ended !== undefined) return ended;
  if (!isWorking(after)) return null;
  const wasStalled = before.pause?.kind === 'stalled';
  const isStalled = after.pause?.kind === 'stalled';
  if (isStalled && !wasStalled) return `${activity(after)}. ${after.pause?.message ?? ''}`;
  if (isNewState || after.current !== before.current) return `${activity(after)}.`;
  return wasStalled && !isStalled ? `Continuing: ${activity(after).toLowerCase()}.` : null;
}

/** "35% support-chat", as the tab says it. */
export function tabTitle(progress: LiveProgress, name: string): string {
  if (progress.state === 'failed') return `Failed: ${name}`;
  if (progress.state === 'cancelled') return `Cancelled: ${name}`;
  if (progress.pause?.kind === 'stalled')
    return `Stalled at ${Math.floor(progress.percent)}% ${name}`;
  return isWorking(progress) ? `${Math.floor(progress.percent)}% ${name}` : name;
}
