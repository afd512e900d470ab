/** What the end of a WebSocket means, and how long to wait before the next. */

export type Ending = 'done' | 'retry' | 'refused';

/**
 * 1000 says that the attempt is over; 1008 that this page may not watch, or that there is nothing to
 * watch. Anything else (gone away, lost, restarting, too slow) is worth another try with `after`.
 */
export function classifyClose(code: number, reason: string): Ending {
  if (code === 1000) return reason === 'client closed' ? 'retry' : 'done';
  return code === 1008 ? 'refused' : 'retry';
}

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Exponential, and spread over its upper half so that tabs do not come back all at once. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return most * (0.5 + random() / 2);
}
