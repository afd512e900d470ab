import { apiUrl, rawFetch } from '@/api/client';
import { problemOf } from '@/api/problem';
import type { Problem } from '@/api/types';
import { formatBytes } from '@/lib/format';
import type { Outgoing } from './requests';
import { parseServerTiming, type Timing } from './timing';

/** One request and its answer, whatever the status. */
export interface Exchange {
  sent: Outgoing;
  status: number;
  statusText: string;
  requestId: string | null;
  serverTiming: string | null;
  timing: Timing | null;
  /** From here and back. */
  roundTripMs: number;
  text: string;
  /** An answer that is a sound or a picture; `text` then says what it is. */
  file: Blob | null;
  /** Undefined: the answer is not JSON. */
  json: unknown;
  problem: Problem | null;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const proxyUrl = (id: string, path: string, query = {}): string =>
  apiUrl(`/deployments/${encodeURIComponent(id)}/proxy/${path}`, query);

export const post = (id: string, sent: Outgoing, signal: AbortSignal): Promise<Response> =>
  rawFetch(proxyUrl(id, 'predict', sent.query), {
    method: 'POST',
    headers: { 'Content-Type': sent.contentType },
    body: sent.body,
    signal,
  });

export async function call(id: string, sent: Outgoing, signal: AbortSignal): Promise<Exchange> {
  const began = performance.now();
  const response = await post(id, sent, signal);
  const problem = response.ok ? null : await problemOf(response.clone());
  const type = response.headers.get('content-type') ?? '';
  const file = /^(audio|image|video)\//.test(type) ? await response.blob() : null;
  const text = file ? `${formatBytes(file.size)} of ${type}` : await response.text();
  const serverTiming = response.headers.get('server-timing');
  return {
    sent,
    status: response.status,
    statusText: response.statusText,
    requestId: response.headers.get('x-request-id'),
    serverTiming,
    timing: parseServerTiming(serverTiming),
    roundTripMs: performance.now() - began,
    text,
    file,
    json: file ? undefined : parsed(text),
    problem,
  };
}
