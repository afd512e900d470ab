import { askForKey, currentKey } from './key';
import { ProblemError, problemOf, unreachable } from './problem';

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Options {
  query?: Query;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

const DEFAULT_PREFIX = '/api/v1';

const metaOf = (name: string): string =>
  document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';

/** The path that a reverse proxy serves Slipway below, `/slipway` for example; else empty. */
export const basePath = (): string => metaOf('slipway-base-path');

/** The control plane writes its API_PREFIX into the page it serves, below the base path. */
export const apiPrefix = (): string => metaOf('slipway-api-prefix') || DEFAULT_PREFIX;

export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const tail = search.size > 0 ? `?${search}` : '';
  return `${apiPrefix()}${path}${tail}`;
}

/** `ws://` or `wss://` of the same origin. The key goes by ticket or subprotocol, never by query. */
export function webSocketUrl(path: string, query: Query = {}): string {
  return new URL(apiUrl(path, query), location.href).href.replace(/^http/, 'ws');
}

const keyed = (headers: Record<string, string>, key: string | null): Record<string, string> =>
  key === null ? headers : { ...headers, Authorization: `Bearer ${key}` };

async function attempt(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ProblemError(unreachable());
  }
}

/** No key was sent, or the one that was sent is wrong: either way a person can give another. */
async function wantsKey(response: Response, key: string | null): Promise<boolean> {
  if (response.status === 401) return true;
  if (response.status !== 403 || key === null) return false;
  const { code } = await problemOf(response.clone());
  return code === 'forbidden' || code === 'wrong-key';
}

/** `fetch` with the key; asks for one and tries again. Returns the response whatever its status. */
export async function rawFetch(
  url: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> {
  let key = currentKey();
  for (;;) {
    const response = await attempt(url, { ...init, headers: keyed(init.headers ?? {}, key) });
    if (!(await wantsKey(response, key))) return response;
    key = await askForKey(key);
    if (key === null) return response;
  }
}

async function send<T>(method: string, path: string, body: unknown, options: Options): Promise<T> {
  const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const response = await rawFetch(apiUrl(path, options.query), {
    method,
    headers: { Accept: 'application/json', ...json, ...options.headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (!response.ok) throw new ProblemError(await problemOf(response));
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const api = {
  get: <T>(path: string, options: Options = {}) => send<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options: Options = {}) =>
    send<T>('POST', path, body, options),
  put: <T>(path: string, body: unknown, options: Options = {}) =>
    send<T>('PUT', path, body, options),
  delete: <T>(path: string, options: Options = {}) => send<T>('DELETE', path, undefined, options),
};
