import { useQuery } from '@tanstack/react-query';
import { type Dispatch, useEffect, useRef } from 'react';
import { deploymentQuery } from '@/api/queries';
import type { WizardAction } from './state';

/** "Deploy again" and "Edit settings" come with `?again=NAME`: its request fills the screens, once. */
export function useLoadedRequest(again: string | null, dispatch: Dispatch<WizardAction>): boolean {
  const filled = useRef<string | null>(null);
  const { data, isPending } = useQuery({
    ...deploymentQuery(again ?? ''),
    enabled: again !== null,
    refetchInterval: false,
  });
  useEffect(() => {
    if (!data || again === null || filled.current === again) return;
    filled.current = again;
    dispatch({ type: 'load', request: data.request });
  }, [again, data, dispatch]);
  return again !== null && (isPending || filled.current !== again);
}
