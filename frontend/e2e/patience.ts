/** The one patience of this suite: a busy machine is slow, never wrong. */

/** How long anything may take that a person would wait for. */
export const PATIENCE_MS = 150_000;

const PAUSE_MS = 100;

/** Asks until there is an answer; what `check` throws is told when patience ends, and only then. */
export async function until<T>(what: string, check: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  let reason = '';
  while (Date.now() < deadline) {
    try {
      const found = await check();
      if (found !== null) return found;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      reason = `: ${String(error)}`;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s${reason}`);
}

/** Waiting any longer changes nothing. */
export class Hopeless extends Error {}
