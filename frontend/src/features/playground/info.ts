import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';

/** What `/info` of a model server tells; a field that another version lacks is undefined. */
export interface ServerInfo {
  /** A request that works with this very model; media lies in `body_base64`. */
  example?: { content_type?: string; body?: unknown; body_base64?: string };
  limits?: {
    max_characters?: number;
    max_pixels?: number;
    max_seconds?: number;
    max_body_bytes?: number;
  };
  model?: {
    max_input_tokens?: number | null;
    max_total_tokens?: number | null;
    default_new_tokens?: number;
    has_chat_template?: boolean;
    labels?: string[];
    mask_token?: string | null;
    dimensions?: number;
  };
}

/** As a task row has it: the body, or a `data:` URL. */
export function exampleOf({ example }: ServerInfo): unknown {
  if (example?.body_base64 === undefined) return example?.body;
  return `data:${example.content_type};base64,${example.body_base64}`;
}

export const useInfo = (id: string, generation: number, enabled: boolean) =>
  useQuery({
    queryKey: ['info', id, generation],
    enabled,
    queryFn: ({ signal }) =>
      api.get<ServerInfo>(`/deployments/${encodeURIComponent(id)}/proxy/info`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
