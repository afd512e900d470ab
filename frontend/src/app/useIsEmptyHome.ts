import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import { deploymentsQuery } from '@/api/queries';

/** The empty Home has its own primary button, so the header gives up its one. */
export function useIsEmptyHome(): boolean {
  const isHome = useLocation().pathname === '/';
  const { data } = useQuery({ ...deploymentsQuery(), enabled: isHome });
  return isHome && data?.length === 0;
}
