import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { answerKey } from '@/api/key';
import { makeProblem, ProblemError } from '@/api/problem';
import type { Deployment } from '@/api/types';
import { deployment } from '@/test/fixtures';
import { backoff, classifyClose } from './close';
import { createProgressStore, PAINT_MS } from './progressStore';
import { accepted, downloaded, downloading, event, FakeSocket } from './testing';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const settle = () => vi.advanceTimersByTimeAsync(0);

/** A follower that somebody watches; `answers` is what `GET /deployments/{id}` says. */
async function watched(answers: () => Promise<Deployment> = async () => downloading(1, 5)) {
  const refresh = vi.fn(answers);
  const follower = createProgressStore(accepted(), refresh);
  const painted = vi.fn();
  const leave = follower.subscribe(painted);
  await settle();
  return { follower, painted, refresh, leave };
}

describe('close codes', () => {
  test.each([
    [1000, 'done', 'done'],
    [1000, 'deployment-deleted', 'done'],
    [1000, 'client closed', 'retry'],
    [1001, 'reconnect with after', 'retry'],
    [1006, '', 'retry'],
    [1011, '', 'retry'],
    [1012, '', 'retry'],
    [1013, 'slow consumer', 'retry'],
    [4000, 'silent', 'retry'],
    [1008, 'unauthorized', 'refused'],
    [1008, 'deployment-deleted', 'refused'],
  ])('%d %s means %s', (code, reason, ending) => {
    expect(classifyClose(code, reason)).toBe(ending);
  });

  test('waits grow, stay below 15 s and are spread over their upper half', () => {
    const longest = [1, 2, 3, 4, 5, 6, 20].map((failures) => backoff(failures, () => 1));
    expect(longest).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(backoff(3, () => 0)).toBe(1000);
  });
});

test('a deployment in a final state opens no connection', async () => {
  const follower = createProgressStore(deployment('running'), async () => deployment('running'));
  follower.subscribe(() => undefined);
  await settle();
  expect(FakeSocket.all).toHaveLength(0);
  expect(follower.get().line).toBe('idle');
});

test('it requests all events after the last one, with the subprotocol', async () => {
  await watched();
  expect(FakeSocket.last.url).toMatch(/\/api\/v1\/ws\/dep_01JD8Q\?after=0$/);
  expect(FakeSocket.last.protocols).toEqual(['slipway.v1']);
});

test('after a gap it reconnects at once from the last event', async () => {
  await watched();
  const first = FakeSocket.last;
  first.send(event(1), event(2), event(5));
  await settle();
  expect(first.isClosed).toBe(true);
  expect(FakeSocket.last).not.toBe(first);
  expect(FakeSocket.last.after).toBe(2);
});

test('a lost connection is retried with backoff and resumes from the last event', async () => {
  const { follower, refresh } = await watched();
  FakeSocket.last.send(event(1), downloaded(2, 100));
  FakeSocket.last.end(1006);
  await vi.advanceTimersByTimeAsync(PAINT_MS);
  expect(follower.get().line).toBe('waiting');
  await vi.advanceTimersByTimeAsync(500);
  expect(refresh).toHaveBeenCalled();
  expect(FakeSocket.all).toHaveLength(2);
  expect(FakeSocket.last.after).toBe(2);
  FakeSocket.last.send(downloaded(3, 200));
  await vi.advanceTimersByTimeAsync(PAINT_MS);
  expect(follower.get()).toMatchObject({ line: 'live', progress: { seq: 3 } });
});

test('the state stays disconnected until a connection is open', async () => {
  const { follower } = await watched();
  FakeSocket.last.end(1006);
  const seen = new Set<string>();
  for (let tries = 0; tries < 3; tries += 1) {
    await vi.advanceTimersByTimeAsync(5000);
    seen.add(follower.get().line);
    FakeSocket.last.end(1006);
    await vi.advanceTimersByTimeAsync(PAINT_MS);
    seen.add(follower.get().line);
  }
  expect([...seen]).toEqual(['waiting']);
  await vi.advanceTimersByTimeAsync(15_000);
  FakeSocket.last.onopen?.();
  await vi.advanceTimersByTimeAsync(PAINT_MS);
  expect(follower.get().line).toBe('live');
});

test('it retries while the server is unreachable and stops when the deployment is gone', async () => {
  let status = 0;
  const { follower, refresh } = await watched(async () => {
    throw new ProblemError(makeProblem({ code: 'x', title: '', detail: '', remedy: '', status }));
  });
  FakeSocket.last.end(1006);
  await vi.advanceTimersByTimeAsync(4000);
  const tries = refresh.mock.calls.length;
  expect(tries).toBeGreaterThanOrEqual(2);
  expect(follower.get().line).toBe('waiting');
  status = 410;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(follower.get().line).toBe('refused');
  const last = refresh.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(refresh.mock.calls.length).toBe(last);
});

test('done is final: the deployment is fetched once more and no connection is opened', async () => {
  const { follower } = await watched(async () => deployment('running'));
  FakeSocket.last.send(event(1, { type: 'running', percent: 100, current_step: 'verify' }));
  FakeSocket.last.end(1000, 'done');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all).toHaveLength(1);
  expect(follower.get()).toMatchObject({ line: 'idle', progress: { state: 'running' } });
});

test('a retry in another tab, detected by a newer snapshot, continues from the same event', async () => {
  const { follower } = await watched(async () => deployment('failed'));
  FakeSocket.last.send(event(1), event(2, { type: 'failed' }));
  FakeSocket.last.end(1000, 'done');
  await vi.advanceTimersByTimeAsync(PAINT_MS);
  follower.take(accepted({ updated_at: '2026-01-02T11:00:00.000Z' }));
  await settle();
  expect(FakeSocket.all).toHaveLength(2);
  expect(FakeSocket.last.after).toBe(2);
});

test('200 events per second render at most ten times per second, and none is lost', async () => {
  const { follower, painted } = await watched();
  await vi.advanceTimersByTimeAsync(PAINT_MS);
  painted.mockClear();
  for (let seq = 1; seq <= 400; seq += 1) {
    FakeSocket.last.send(downloaded(seq, seq));
    await vi.advanceTimersByTimeAsync(5);
  }
  expect(painted.mock.calls.length).toBeLessThanOrEqual(21);
  await vi.advanceTimersByTimeAsync(PAINT_MS);
  expect(follower.get().progress).toMatchObject({ seq: 400, download: { done: 400 } });
});

test('a silent connection times out', async () => {
  await watched();
  FakeSocket.last.send(event(1));
  await vi.advanceTimersByTimeAsync(76_000);
  expect(FakeSocket.all.length).toBeGreaterThan(1);
  expect(FakeSocket.all[0]?.isClosed).toBe(true);
});

test('without subscribers the connection is closed', async () => {
  const { leave } = await watched();
  leave();
  expect(FakeSocket.last.isClosed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all).toHaveLength(1);
});

// Last, for a key that was given stays.
test('with a key it requests a ticket first, and the key is in no URL', async () => {
  answerKey('secret', false);
  vi.stubGlobal('fetch', async (url: string) => {
    expect(url).toBe('/api/v1/ws-ticket');
    return Response.json({ ticket: 'once' });
  });
  await watched();
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(1));
  expect(FakeSocket.last.protocols).toEqual(['slipway.v1', 'slipway.ticket.once']);
  expect(FakeSocket.last.url).not.toContain('secret');
});
