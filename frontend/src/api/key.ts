/** The API key: in memory, or for this tab's session if the person chose so. Never in a URL. */

const STORED = 'slipway-api-key';

type Waiting = { promise: Promise<string | null>; settle: (key: string | null) => void };

let key: string | null = readStored();
let waiting: Waiting | null = null;
const listeners = new Set<() => void>();

function readStored(): string | null {
  try {
    return sessionStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function tell(): void {
  for (const listener of listeners) listener();
}

export const currentKey = (): string | null => key;

/** Asks the person once, however many requests were refused at the same time. */
export function askForKey(refused: string | null): Promise<string | null> {
  if (key !== null && key !== refused) return Promise.resolve(key);
  if (waiting === null) {
    let settle: Waiting['settle'] = () => undefined;
    const promise = new Promise<string | null>((resolve) => {
      settle = resolve;
    });
    waiting = { promise, settle };
    tell();
  }
  return waiting.promise;
}

export function answerKey(given: string | null, remember: boolean): void {
  key = given ?? key;
  try {
    if (given !== null && remember) sessionStorage.setItem(STORED, given);
    else sessionStorage.removeItem(STORED);
  } catch {
    // Without storage the key lives in memory, which is the default anyway.
  }
  waiting?.settle(given);
  waiting = null;
  tell();
}

export const isAsking = (): boolean => waiting !== null;

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
