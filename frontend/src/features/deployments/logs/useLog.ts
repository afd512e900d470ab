import { useEffect, useState } from 'react';
import { openLog } from '@/api/log';
import { asProblem } from '@/api/problem';
import type { Problem } from '@/api/types';
import { appended, EMPTY, type Log } from './lines';

export type Following = 'connecting' | 'following' | 'ended' | 'waiting';

interface State {
  log: Log;
  following: Following;
  problem: Problem | null;
}

const TAIL = 1000;
const PAINT_MS = 100;
const AGAIN_MS = 3000;

/** Hands over what comes, at most ten times a second. */
async function read(id: string, signal: AbortSignal, paint: (log: Log) => void): Promise<void> {
  const parts = await openLog(id, TAIL, signal);
  let log = EMPTY;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = null;
      paint(log);
    }, PAINT_MS);
  };
  paint(log);
  try {
    for await (const part of parts) {
      log = appended(log, part);
      soon();
    }
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
  paint(appended(log, log.rest === '' ? '' : '\n'));
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

type Tell = (change: (old: State) => State) => void;

/** Until its end, or until nobody wants it any more. */
async function keepReading(id: string, signal: AbortSignal, tell: Tell): Promise<void> {
  while (!signal.aborted) {
    try {
      await read(id, signal, (log) => tell(() => ({ log, following: 'following', problem: null })));
      return tell((old) => ({ ...old, following: 'ended' }));
    } catch (error) {
      tell((old) => ({ ...old, following: 'waiting', problem: asProblem(error) }));
      await wait(AGAIN_MS, signal);
    }
  }
}

/** Follows the log while it is wanted; `life` changes when another server writes it. */
export function useLog(id: string, life: string, wanted: boolean): State {
  const [state, setState] = useState<State>({
    log: EMPTY,
    following: 'connecting',
    problem: null,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new life has a new log
  useEffect(() => {
    if (!wanted) return;
    const controller = new AbortController();
    void keepReading(id, controller.signal, (change) => {
      if (!controller.signal.aborted) setState(change);
    });
    return () => controller.abort();
  }, [id, life, wanted]);
  return state;
}
