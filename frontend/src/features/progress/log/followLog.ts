/** Reads the log of a deployment as it is written; begins again by itself when the line breaks. */

import { apiUrl, rawFetch } from '@/api/client';
import { backoff } from '../live/close';
import { appendText, EMPTY_LOG, type LogText } from './lines';

export type LogState = 'connecting' | 'following' | 'waiting' | 'ended' | 'missing';

export interface ShownLog {
  log: LogText;
  state: LogState;
  /** Unix milliseconds; when it ended. */
  endedAt: number | null;
}

export interface LogFollower {
  subscribe: (listener: () => void) => () => void;
  get: () => ShownLog;
}

const PAINT_MS = 100;
const TAIL = 300;

export function followLog(id: string): LogFollower {
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

  /** True when the stream came to its end, false when there is none. Throws when it broke. */
  const readOnce = async (signal: AbortSignal): Promise<boolean> => {
    const url = apiUrl(`/deployments/${encodeURIComponent(id)}/logs`, { tail: TAIL, follow: true });
    const response = await rawFetch(url, { signal });
    if (response.status >= 500) throw new Error(`answered ${response.status}`);
    if (!response.ok || response.body === null) return false;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let log: LogText = { ...EMPTY_LOG, next: next.log.next };
    change({ log, state: 'following', endedAt: null });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      log = appendText(log, value);
      change({ log });
    }
    change({ log: appendText(log, '\n') });
    return true;
  };

  const read = async (signal: AbortSignal) => {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const isThere = await readOnce(signal);
        return change({ state: isThere ? 'ended' : 'missing', endedAt: Date.now() });
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
