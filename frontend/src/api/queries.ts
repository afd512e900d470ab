import {
  keepPreviousData,
  QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, type Query } from './client';
import { ProblemError } from './problem';
import type {
  CachedModel,
  CachePage,
  CardSource,
  Deployment,
  DeploymentBody,
  DeploymentState,
  LoadTest,
  LoadTestBody,
  ModelCard,
  ModelDetail,
  ModelPage,
  Page,
  Preflight,
  Series,
  System,
  Task,
} from './types';

const SECOND = 1000;

/** Only what may pass by itself is tried again: no answer, busy, restarting. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (failures >= 2) return false;
  return !(error instanceof ProblemError) || [0, 429, 502, 503, 504].includes(error.problem.status);
}

export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { retry: shouldRetry, staleTime: 2 * SECOND, gcTime: 5 * 60 * SECOND },
      mutations: { retry: false },
    },
  });

const BUSY: ReadonlySet<DeploymentState> = new Set(['pending', 'initializing', 'updating']);

const pace = (list: readonly Deployment[] | undefined): number =>
  list?.some((one) => BUSY.has(one.state)) ? 1.5 * SECOND : 5 * SECOND;

/** All pages as one; the other fields are those of the last page. */
async function wholeList<T, P extends Page<T>>(
  path: string,
  query: Query,
  signal: AbortSignal,
): Promise<P> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: P = await api.get<P>(path, { query: { ...query, limit: 100, cursor }, signal });
    items.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === null) return { ...page, items };
  }
}

export const deploymentsQuery = () =>
  queryOptions({
    queryKey: ['deployments'],
    queryFn: async ({ signal }) =>
      (await wholeList<Deployment, Page<Deployment>>('/deployments', {}, signal)).items,
    refetchInterval: (query) => pace(query.state.data),
  });

export const deploymentQuery = (id: string) =>
  queryOptions({
    queryKey: ['deployment', id],
    queryFn: ({ signal }) =>
      api.get<Deployment>(`/deployments/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: (query) => pace(query.state.data ? [query.state.data] : undefined),
  });

export const systemQuery = () =>
  queryOptions({
    queryKey: ['system'],
    queryFn: ({ signal }) => api.get<System>('/system', { signal }),
    refetchInterval: 10 * SECOND,
  });

export const tasksQuery = () =>
  queryOptions({
    queryKey: ['tasks'],
    queryFn: ({ signal }) => api.get<Task[]>('/tasks', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const useDeployments = () => useQuery(deploymentsQuery());
export const useDeployment = (id: string) => useQuery(deploymentQuery(id));
export const useSystem = () => useQuery(systemQuery());
export const useTasks = () => useQuery(tasksQuery());

export interface ModelFilter {
  search: string;
  source: CardSource | null;
  task: string | null;
}

/** A search that was overtaken is cancelled by its signal; the last page stays up until the next is there. */
export const useModels = (filter: ModelFilter, enabled = true) =>
  useInfiniteQuery({
    queryKey: ['models', filter],
    enabled,
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<ModelCard>>('/models', {
        query: { ...filter, limit: 24, cursor: pageParam },
        signal,
      }),
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    staleTime: 60 * SECOND,
    // The screen says "does not answer" at once and offers what needs no network.
    retry: false,
  });

export const useModel = (source: string | null, id: string | null, revision?: string | null) =>
  useQuery({
    queryKey: ['model', source, id, revision ?? null],
    enabled: source !== null && id !== null && id !== '',
    queryFn: ({ signal }) =>
      api.get<ModelDetail>(`/models/${source}/${encodePath(id ?? '')}`, {
        query: { revision: revision ?? null },
        signal,
      }),
    staleTime: 60 * SECOND,
    retry: false,
  });

const encodePath = (id: string): string => id.split('/').map(encodeURIComponent).join('/');

export const usePreflight = (body: DeploymentBody | null) =>
  useQuery({
    queryKey: ['preflight', body],
    enabled: body !== null,
    queryFn: ({ signal }) => api.post<Preflight>('/preflight', body, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 10 * SECOND,
    retry: false,
  });

/** `window` as the API takes it: `5m`, `1h`. */
export const useMetrics = (id: string, window: string, enabled = true, everyMs = 5 * SECOND) =>
  useQuery({
    queryKey: ['metrics', id, window],
    enabled,
    queryFn: ({ signal }) =>
      api.get<Series>(`/deployments/${encodeURIComponent(id)}/metrics`, {
        query: { window },
        signal,
      }),
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  });

const loadTestsPath = (id: string): string => `/deployments/${encodeURIComponent(id)}/load-tests`;

/** The last load tests, newest first; often while one is under way, whoever started it. */
export const useLoadTests = (id: string) =>
  useQuery({
    queryKey: ['load tests', id],
    queryFn: ({ signal }) => api.get<LoadTest[]>(loadTestsPath(id), { signal }),
    refetchInterval: ({ state }) =>
      state.data?.some(({ ended_at }) => ended_at === null) ? 0.5 * SECOND : 5 * SECOND,
  });

export function useStartLoadTest(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: LoadTestBody) => api.post<LoadTest>(loadTestsPath(id), body),
    onSettled: () => client.invalidateQueries({ queryKey: ['load tests', id] }),
  });
}

export function useCancelLoadTest(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (test: string) => api.delete(`${loadTestsPath(id)}/${encodeURIComponent(test)}`),
    onSettled: () => client.invalidateQueries({ queryKey: ['load tests', id] }),
  });
}

export const useCache = () =>
  useQuery({
    queryKey: ['cache'],
    queryFn: ({ signal }) => wholeList<CachedModel, CachePage>('/cache', {}, signal),
    refetchInterval: 10 * SECOND,
  });

/** Every model on this machine from one source, with the folder that was listed. */
export const useModelsOnDisk = (source: Exclude<CardSource, 'hub'>) =>
  useQuery({
    queryKey: ['models', 'on disk', source],
    queryFn: ({ signal }) => wholeList<ModelCard, ModelPage>('/models', { source }, signal),
    refetchInterval: 10 * SECOND,
  });

export function useFreeCached() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (one: CachedModel) =>
      api.delete(`/cache/${one.source}/${encodePath(one.model_id)}`),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['cache'] }),
        client.invalidateQueries({ queryKey: ['models'] }),
      ]),
  });
}

export function useCreateDeployment() {
  const client = useQueryClient();
  return useMutation({
    // The key makes a second press, or a retry after a lost answer, the same deployment.
    mutationFn: ({ body, key }: { body: DeploymentBody; key: string }) =>
      api.post<Deployment>('/deployments', body, { headers: { 'Idempotency-Key': key } }),
    onSuccess: (made) => {
      client.setQueryData(deploymentQuery(made.id).queryKey, made);
      return client.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
}

export type Verb = 'cancel' | 'skip' | 'pause' | 'resume' | 'retry' | 'restart';

export function useDeploymentVerb() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb, body }: { id: string; verb: Verb; body?: unknown }) =>
      api.post<Deployment>(`/deployments/${encodeURIComponent(id)}/${verb}`, body),
    onSettled: (_made, _error, { id }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['deployments'] }),
        client.invalidateQueries({ queryKey: ['deployment', id] }),
      ]),
  });
}

export function useDeleteDeployment() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, purge }: { id: string; purge?: boolean }) =>
      api.delete(`/deployments/${encodeURIComponent(id)}`, { query: { purge } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['deployments'] }),
  });
}

export function useSetHubToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => api.put<void>('/system/hub-token', { token }),
    onSuccess: () =>
      Promise.all(
        ['system', 'model', 'models', 'preflight'].map((name) =>
          client.invalidateQueries({ queryKey: [name] }),
        ),
      ),
  });
}

/** Ask the control plane to prepare for a start, while a person is still choosing a model. */
export function useWarmUp() {
  useEffect(() => {
    // Only a convenience: a start does the same, and says what is wrong.
    api.post<void>('/system/warm-up').catch(() => undefined);
  }, []);
}
