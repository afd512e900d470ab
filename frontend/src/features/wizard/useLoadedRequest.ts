import { useQuery } from '@tanstack/react-query';
import { type Dispatch, useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import { deploymentQuery } from '@/api/queries';
import { linkTo } from './links';
import type { WizardAction } from './state';

/** "Deploy again" and "Edit settings" come with `?again=NAME`: its request fills the screens, once. */
export function useLoadedRequest(again: string | null, dispatch: Dispatch<WizardAction>): boolean {
  const navigate = useNavigate();
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
    // From here on the address names the model: a reload keeps what is changed on these screens.
    const { model_id: id, source, revision, task } = data.request;
    navigate(linkTo('review', { id, source, revision, task }), { replace: true });
  }, [again, data, dispatch, navigate]);
  return again !== null && (isPending || filled.current !== again);
}
