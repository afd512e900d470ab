import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { deploymentQuery } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { createProgressStore, type Shown } from './progressStore';

/** `address` is the id or name by which the page asked, and so the key of what it knows. */
export function useProgress(address: string, deployment: Deployment): Shown {
  const client = useQueryClient();
  const [follower] = useState(() =>
    createProgressStore(deployment, async () => {
      const query = deploymentQuery(address);
      // An answer that is under way may be older than the event that asks.
      await client.cancelQueries({ queryKey: query.queryKey });
      return client.fetchQuery({ ...query, staleTime: 0, retry: false });
    }),
  );
  useEffect(() => follower.take(deployment), [follower, deployment]);
  useEffect(() => {
    addEventListener('online', follower.nudge);
    return () => removeEventListener('online', follower.nudge);
  }, [follower]);
  return useSyncExternalStore(follower.subscribe, follower.get);
}
