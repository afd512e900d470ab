import { useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { asProblem } from '@/api/problem';
import { useCreateDeployment } from '@/api/queries';
import type { DeploymentBody, Problem } from '@/api/types';
import { randomKey } from '@/lib/random';
import type { Wizard } from './context';
import { forget } from './persist';

export interface Deploy {
  start: () => void;
  isSending: boolean;
  problem: Problem | null;
}

/** Who presses Deploy before the verdict is there is not asked to press again: it goes when it may. */
export function useDeploy(wizard: Wizard): Deploy {
  const navigate = useNavigate();
  const { mutate, isPending, isSuccess, error } = useCreateDeployment();
  // One key for one body: pressing twice, or again after a lost answer, makes one deployment.
  const sent = useRef<{ body: DeploymentBody; key: string } | null>(null);
  const [isWanted, setWanted] = useState(false);
  const { body, preflight, preflightProblem, isChecking } = wizard;
  const isBlocked = preflight?.verdict === 'block';
  const isJudged = !isChecking && (preflight !== undefined || preflightProblem !== null);

  useEffect(() => {
    if (!isWanted || !isJudged || body === null) return;
    setWanted(false);
    if (isBlocked) return;
    if (sent.current?.body !== body) sent.current = { body, key: randomKey() };
    mutate(sent.current, {
      onSuccess: (made) => {
        forget();
        navigate(`/deployments/${made.id}/progress`);
      },
      onError: () => {
        sent.current = null;
      },
    });
  }, [isWanted, isJudged, isBlocked, body, mutate, navigate]);

  return {
    start: () => {
      if (body !== null && !isPending && !isSuccess) setWanted(true);
    },
    isSending: isWanted || isPending || isSuccess,
    problem: error ? asProblem(error) : null,
  };
}
