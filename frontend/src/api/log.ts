/** The log of a deployment, as text that is still being written. */

import { apiUrl, rawFetch } from './client';
import { ProblemError, problemOf } from './problem';

export const logUrl = (id: string, query: Record<string, number | boolean>): string =>
  apiUrl(`/deployments/${encodeURIComponent(id)}/logs`, query);

/**
 * The last `tail` lines and what follows, in parts that end anywhere, until the log ends or `signal`
 * aborts. Throws a ProblemError when there is none, and whatever the network throws when it breaks.
 */
export async function openLog(
  id: string,
  tail: number,
  signal: AbortSignal,
): Promise<AsyncGenerator<string>> {
  const response = await rawFetch(logUrl(id, { tail, follow: true }), { signal });
  if (!response.ok || response.body === null) throw new ProblemError(await problemOf(response));
  return partsOf(response.body.pipeThrough(new TextDecoderStream()).getReader());
}

async function* partsOf(reader: ReadableStreamDefaultReader<string>): AsyncGenerator<string> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
