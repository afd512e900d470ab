/** Reads the log of a deployment as it is written; begins again by itself when the line breaks. */

import { openLog } from '@/api/log';
import { ProblemError } from '@/api/problem';
import { backoff } from '../live/close';
import { appendText, EMPTY_LOG, type LogText } from './lines';

export type LogState = 'connecting' | 'following' | 'waiting' | 'ended' | 'missing';

export interface ShownLog {
  log: LogText;
  state: LogState;
  /** Unix milliseconds; when it ended. */
  endedAt: number | null;
}

export interface LogStore {
  subscribe: (listener: () => void) => () => void;
  get: () => ShownLog;
}

const PAINT_MS = 100;
const TAIL = 300;

export function createLogStore(id: string): LogStore {
  let shown: ShownLog = { log: EMPTY_LOG, state: 'connecting', endedAt: null };
  let next: ShownLog = shown;
  let paint: ReturnType<typeof setTimeout> | undefined;
  let abort = new AbortController();
  const listeners = new Set<() => void>();

  const change = (part: Partial<ShownLog>) => {
    next = { ...next, ...part };
    paint ??= setTimeout(() => {
      paint = undefined;
      shown = next;
      for (const listener of listeners) listener();
    }, PAINT_MS);
  };

  /** Until the stream comes to its end, if there is one. Throws when it breaks. */
  const readOnce = async (signal: AbortSignal): Promise<LogState> => {
    const parts = await openLog(id, TAIL, signal).catch(nothingThere);
    if (parts === null) return 'missing';
    let log: LogText = { ...EMPTY_LOG, next: next.log.next };
    change({ log, state: 'following', endedAt: null });
    for await (const part of parts) {
      log = appendText(log, part);
      change({ log });
    }
    change({ log: appendText(log, '\n') });
    return 'ended';
  };

  const read = async (signal: AbortSignal) => {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        return change({ state: await readOnce(signal), endedAt: Date.now() });
      } catch {
        if (signal.aborted) return;
        change({ state: 'waiting' });
        await new Promise((resolve) => setTimeout(resolve, backoff(failures)));
      }
    }
  };

  return {
    get: () => shown,
    subscribe: (listener) => {
      listeners.add(listener);
      if (listeners.size === 1) {
        abort = new AbortController();
        void read(abort.signal);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        abort.abort();
        clearTimeout(paint);
        paint = undefined;
      };
    },
  };
}

/** A refusal is an answer; anything else is worth another try. */
function nothingThere(error: unknown): null {
  if (error instanceof ProblemError && error.problem.status < 500) return null;
  throw error;
}
