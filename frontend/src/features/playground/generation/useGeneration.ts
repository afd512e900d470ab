import { useCallback, useEffect, useRef, useState } from 'react';
import { asProblem, problemOf } from '@/api/problem';
import { post } from '../call';
import type { Outgoing } from '../requests';
import { eventsOf } from '../sse';
import { BEGUN, type Generation, received } from './generation';

/** Painted at most so often; the events come faster. */
const PAINT_MS = 100;

async function follow(
  id: string,
  sent: Outgoing,
  signal: AbortSignal,
  paint: (made: Generation) => void,
): Promise<Generation> {
  const began = performance.now();
  const response = await post(id, sent, signal);
  if (!response.ok || response.body === null) {
    return { ...BEGUN, end: 'failed', problem: await problemOf(response) };
  }
  let made = BEGUN;
  let painted = Number.NEGATIVE_INFINITY;
  try {
    for await (const data of eventsOf(response.body, signal)) {
      const now = performance.now();
      made = received(made, data, now - began);
      if (made.end === 'failed') return made;
      if (now - painted < PAINT_MS) continue;
      painted = now;
      paint(made);
    }
  } catch (error) {
    if (signal.aborted) return { ...made, end: 'stopped' };
    return { ...made, end: 'failed', problem: asProblem(error) };
  }
  return { ...made, end: signal.aborted ? 'stopped' : 'whole' };
}

/** Streams one answer at a time; what came before Stop is kept. */
export function useGeneration(id: string) {
  const [made, setMade] = useState<Generation | null>(null);
  const current = useRef<AbortController | null>(null);
  const start = useCallback(
    async (sent: Outgoing): Promise<Generation> => {
      current.current?.abort();
      const controller = new AbortController();
      current.current = controller;
      setMade(BEGUN);
      const whole = await follow(id, sent, controller.signal, setMade).catch(
        (error: unknown): Generation =>
          controller.signal.aborted
            ? { ...BEGUN, end: 'stopped' }
            : { ...BEGUN, end: 'failed', problem: asProblem(error) },
      );
      if (current.current === controller) setMade(whole);
      return whole;
    },
    [id],
  );
  useEffect(() => () => current.current?.abort(), []);
  return {
    made,
    isRunning: made !== null && made.end === null,
    start,
    stop: () => current.current?.abort(),
    clear: () => setMade(null),
  };
}
