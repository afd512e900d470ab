import { describe, expect, test } from 'vitest';
import type { DeploymentEvent } from '@/api/types';
import { problem } from '@/test/fixtures';
import { applyEvent, isGap } from './events';
import {
  applySnapshot,
  elapsedNow,
  fromSnapshot,
  type LiveProgress,
  secondsLeft,
} from './progress';
import { accepted, downloaded, downloading, event, START } from './testing';

const having = (...events: DeploymentEvent[]): LiveProgress =>
  events.reduce(applyEvent, fromSnapshot(accepted()));

const states = ({ steps }: LiveProgress): string[] => steps.map((step) => step.state);

const STARTED = [
  event(1, { type: 'state_changed', current_step: null, percent: 0, message: 'Starting.' }),
  event(2, { type: 'step_started', current_step: 'validate', percent: 0, message: 'Validate' }),
  event(3, { type: 'step_succeeded', current_step: 'validate', percent: 4, message: 'Fits.' }),
  event(4, { type: 'step_started', percent: 4, message: 'Download' }),
];

describe('order', () => {
  test('ordered events advance the steps and record their durations', () => {
    const progress = having(...STARTED, downloaded(5, 200), downloaded(6, 500));
    expect(progress).toMatchObject({ state: 'initializing', percent: 29, seq: 6 });
    expect(states(progress).slice(0, 3)).toEqual(['succeeded', 'running', 'queued']);
    expect(progress.steps[0]).toMatchObject({ took: 1, percent: 100, message: 'Fits.' });
    expect(progress.steps[1]).toMatchObject({ percent: 50, beganAt: START + 4000 });
    expect(progress.download).toMatchObject({ done: 500, total: 1000, eta: 9 });
  });

  test('a duplicate event returns the same object', () => {
    const progress = having(...STARTED, downloaded(5, 200));
    expect(applyEvent(progress, downloaded(5, 900))).toBe(progress);
    expect(applyEvent(progress, event(2))).toBe(progress);
  });

  test('an event after a gap is detected and not applied', () => {
    const progress = having(...STARTED);
    expect(isGap(progress, event(6))).toBe(true);
    expect(applyEvent(progress, downloaded(6, 500))).toBe(progress);
    expect(isGap(progress, event(5))).toBe(false);
    expect(isGap(progress, event(3))).toBe(false);
  });

  test('a heartbeat has no seq, and can only increase the percentage', () => {
    const progress = having(...STARTED, downloaded(5, 200));
    expect(applyEvent(progress, event(0, { seq: null, type: 'heartbeat', percent: 2 }))).toBe(
      progress,
    );
    const later = applyEvent(progress, event(0, { seq: null, type: 'heartbeat', percent: 40 }));
    expect(later).toMatchObject({ percent: 40, seq: 5 });
  });
});

describe('percent and clock', () => {
  test('neither decreases for any event', () => {
    const told = [10, 30, 20, 5, 50, 49.9];
    let progress = having(...STARTED);
    const seen: number[] = [];
    for (const [index, percent] of told.entries()) {
      progress = applyEvent(progress, event(5 + index, { percent, elapsed_seconds: percent }));
      seen.push(progress.percent);
    }
    expect(seen).toEqual([10, 30, 30, 30, 50, 50]);
    expect(elapsedNow(progress, START + 10_000)).toBeGreaterThanOrEqual(10);
  });

  test('a retry is a new attempt and starts at zero', () => {
    const failed = applyEvent(
      having(...STARTED, downloaded(5, 500)),
      event(6, { type: 'failed', percent: 29, details: { problem: problem() } }),
    );
    expect(failed).toMatchObject({ state: 'failed', problem: { code: 'model-out-of-memory' } });
    expect(states(failed)[1]).toBe('failed');
    const again = applyEvent(
      failed,
      event(7, {
        type: 'state_changed',
        percent: 0,
        current_step: null,
        details: { state: 'pending' },
      }),
    );
    expect(again).toMatchObject({ state: 'pending', percent: 0, problem: null });
    expect(new Set(states(again))).toEqual(new Set(['queued']));
  });

  test('the clock runs between events only while deploying', () => {
    const progress = having(...STARTED);
    expect(elapsedNow(progress, START + 9000)).toBe(9);
    const ended = applyEvent(progress, event(5, { type: 'running', percent: 100 }));
    expect(elapsedNow(ended, START + 60_000)).toBe(5);
  });

  test('no ETA without data, or when a step overruns', () => {
    const early = fromSnapshot(downloading(1, 10));
    expect(secondsLeft(early, START + 1000)).toBeNull();
    const known = having(...STARTED, downloaded(5, 200));
    expect(secondsLeft(known, START + 5000)).toBe(9 + 4 * 2);
    const preparing = applyEvent(
      known,
      event(6, { type: 'step_started', current_step: 'prepare' }),
    );
    expect(secondsLeft(preparing, START + 60_000)).toBeNull();
  });
});

describe('a snapshot', () => {
  test('covers earlier events: they add their numbers and move nothing back', () => {
    const replayed = [...STARTED, downloaded(5, 200), downloaded(6, 300)].reduce(
      applyEvent,
      fromSnapshot(downloading(20, 40)),
    );
    expect(replayed).toMatchObject({ seq: 6, percent: 40, current: 'download' });
    expect(states(replayed)[0]).toBe('succeeded');
    expect(replayed.download).toMatchObject({ done: 300 });
  });

  test('a replayed old failure does not fail the current attempt', () => {
    const replayed = [
      ...STARTED,
      event(5, { type: 'failed', details: { problem: problem() } }),
    ].reduce(applyEvent, fromSnapshot(downloading(20, 40)));
    expect(replayed).toMatchObject({ seq: 5, state: 'initializing', problem: null });
  });

  test('older than the last event changes only the plan', () => {
    const progress = having(...STARTED, downloaded(5, 500));
    const merged = applySnapshot(progress, downloading(4.5, 6));
    expect(merged).toMatchObject({ percent: 29, seq: 5 });
    expect(states(merged)).toEqual(states(progress));
  });

  test('newer than the last event is applied, and the percentage does not decrease', () => {
    const progress = having(...STARTED, downloaded(5, 500));
    const merged = applySnapshot(progress, downloading(9, 6));
    expect(merged).toMatchObject({ percent: 29, seq: 5, asOf: START + 9000 });
    expect(merged.download).toMatchObject({ done: 500 });
  });

  test('of another attempt replaces everything but the seq', () => {
    const failed = applyEvent(
      having(...STARTED, downloaded(5, 500)),
      event(6, { type: 'failed', details: { problem: problem() } }),
    );
    const merged = applySnapshot(failed, accepted({ updated_at: '2026-01-02T10:01:00.000Z' }));
    expect(merged).toMatchObject({ percent: 0, state: 'pending', problem: null, seq: 6 });
  });
});

describe('a stall', () => {
  const stalled = event(6, {
    type: 'stalled',
    message: 'The Hub stopped sending. Retrying in 4 s (2 of 5).',
    details: { retry_in_seconds: 4, attempt: 2, file: 'model.safetensors' },
  });

  test('has its start time and the time of its retry', () => {
    const progress = having(...STARTED, downloaded(5, 200), stalled);
    expect(states(progress)[1]).toBe('stalled');
    expect(progress.pause).toMatchObject({
      kind: 'stalled',
      since: START + 5000,
      retryAt: START + 10_000,
      attempt: 2,
    });
    expect(progress.download).toMatchObject({ done: 200 });
  });

  test('is ended by new bytes, not by a repeated byte count', () => {
    const still = having(
      ...STARTED,
      downloaded(5, 200),
      stalled,
      downloaded(7, 200, { type: 'resumed' }),
    );
    expect(still.pause?.kind).toBe('stalled');
    expect(states(still)[1]).toBe('stalled');
    const moving = applyEvent(still, downloaded(8, 201));
    expect(moving.pause).toBeNull();
    expect(states(moving)[1]).toBe('running');
  });

  test('is not ended by a snapshot, which has no byte count', () => {
    const progress = applySnapshot(
      having(...STARTED, downloaded(5, 200), stalled),
      downloading(9, 14),
    );
    expect(progress.pause?.kind).toBe('stalled');
    expect(states(progress)[1]).toBe('stalled');
  });

  test('ends with its step', () => {
    const progress = having(
      ...STARTED,
      downloaded(5, 200),
      stalled,
      event(7, { type: 'step_started', current_step: 'dependencies', percent: 54 }),
    );
    expect(progress.pause).toBeNull();
    expect(states(progress).slice(0, 3)).toEqual(['succeeded', 'succeeded', 'running']);
  });
});
