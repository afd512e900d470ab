/** Follows one deployment for as long as somebody looks: snapshot, events, reconnecting. Without React. */

import type { Deployment, DeploymentEvent } from '@/api/types';
import { backoff, classifyClose } from './close';
import { applyEvent, isGap } from './events';
import { applySnapshot, fromSnapshot, isWorking, type LiveProgress } from './progress';
import { watch } from './socket';

/** `waiting`: the line is down and tried again until it is up. `idle`: there is nothing to wait for. */
export type Line = 'idle' | 'connecting' | 'live' | 'waiting' | 'refused';

export interface Shown {
  progress: LiveProgress;
  line: Line;
}

export interface ProgressStore {
  subscribe: (listener: () => void) => () => void;
  get: () => Shown;
  /** A newer `GET /deployments/{id}`. */
  take: (deployment: Deployment) => void;
  /** Try the line at once, if it is down. */
  nudge: () => void;
}

/** At most ten paints a second. */
export const PAINT_MS = 100;

/**
 * `refresh` reads the deployment again and hands it to `take`. It is called when a step or the attempt
 * ends, and before each reconnection, where it also finds out that a key is wanted or that all is gone.
 */
export function createProgressStore(
  first: Deployment,
  refresh: () => Promise<Deployment>,
): ProgressStore {
  const id = first.id;
  let progress = fromSnapshot(first);
  let line: Line = 'idle';
  let shown: Shown = { progress, line };
  let failures = 0;
  let leave: (() => void) | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;
  let paint: ReturnType<typeof setTimeout> | undefined;
  let paintedAt = Number.NEGATIVE_INFINITY;
  const listeners = new Set<() => void>();

  const show = () => {
    paint = undefined;
    paintedAt = performance.now();
    shown = { progress, line };
    for (const listener of listeners) listener();
  };
  const changed = () => {
    if (paint !== undefined) return;
    const wait = PAINT_MS - (performance.now() - paintedAt);
    if (wait <= 0) show();
    else paint = setTimeout(show, wait);
  };
  const set = (next: Line) => {
    line = next;
    changed();
  };

  const read = () => refresh().then(take, () => undefined);
  const drop = () => {
    leave?.();
    leave = null;
    clearTimeout(again);
  };
  const later = () => {
    failures += 1;
    set('waiting');
    again = setTimeout(comeBack, backoff(failures));
  };
  const comeBack = () => {
    drop();
    refresh().then(
      (deployment) => {
        take(deployment);
        if (isWorking(progress)) connect();
        else set('idle');
      },
      (error: unknown) => (isFinal(error) ? set('refused') : later()),
    );
  };
  const closed = (code: number, reason: string) => {
    leave = null;
    const ending = classifyClose(code, reason);
    if (ending === 'retry') return later();
    set(ending === 'done' ? 'idle' : 'refused');
    void read();
  };
  const heard = (event: DeploymentEvent) => {
    failures = 0;
    if (line !== 'live') set('live');
    if (isGap(progress, event)) {
      drop();
      return connect();
    }
    const before = progress;
    progress = applyEvent(progress, event);
    if (progress !== before) changed();
    if (endsSomething(event) && Date.parse(event.at) >= before.asOf) void read();
  };
  const connect = () => {
    if (listeners.size === 0 || leave !== null || !isWorking(progress)) return;
    if (line !== 'waiting') set('connecting');
    leave = watch(id, progress.seq, { open: () => set('live'), event: heard, close: closed });
  };
  const take = (deployment: Deployment) => {
    const before = progress;
    progress = applySnapshot(progress, deployment);
    if (progress !== before) changed();
    if (line === 'idle') connect();
  };

  return {
    get: () => shown,
    take,
    nudge: () => {
      if (line === 'waiting') comeBack();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      connect();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        drop();
        clearTimeout(paint);
        paint = undefined;
        line = 'idle';
      };
    },
  };
}

const MILESTONES = new Set(['step_succeeded', 'step_skipped', 'running', 'failed', 'cancelled']);

const endsSomething = (event: DeploymentEvent): boolean => MILESTONES.has(event.type);

/** Deleted, or not for this key: asking again changes nothing. */
const isFinal = (error: unknown): boolean => {
  const status = (error as { problem?: { status?: number } }).problem?.status ?? 0;
  return [401, 403, 404, 410].includes(status);
};
