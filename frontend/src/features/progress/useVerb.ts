import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Verb } from '@/api/queries';
import type { Deployment } from '@/api/types';

interface Act {
  id: string;
  verb: Verb;
  body?: unknown;
}

/** A verb whose answer is shown at once, whether this page asked by the id or by the name. */
export function useVerb() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb, body }: Act) =>
      api.post<Deployment>(`/deployments/${encodeURIComponent(id)}/${verb}`, body),
    onSuccess: async (made) => {
      const isIt = (data: unknown) => (data as Deployment | undefined)?.id === made.id;
      const shown = { queryKey: ['deployment'], predicate: (one: Known) => isIt(one.state.data) };
      await client.cancelQueries(shown);
      client.setQueriesData(shown, made);
      return client.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
}

interface Known {
  state: { data: unknown };
}
