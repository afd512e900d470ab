import { useRef } from 'react';
import { useNavigate } from 'react-router';
import { asProblem } from '@/api/problem';
import { useCreateDeployment } from '@/api/queries';
import type { DeploymentBody, Problem } from '@/api/types';
import type { Wizard } from './context';
import { forget } from './persist';
import type { Screen } from './state';

export interface Deploy {
  start: () => void;
  isSending: boolean;
  problem: Problem | null;
}

/** Where a refused request can be mended, by the problem's code; never by its text. */
export const SCREEN_OF: Partial<Record<string, Screen>> = {
  'name-taken': 'settings',
  'port-taken': 'settings',
  'no-free-port': 'settings',
  'unsupported-option': 'hardware',
  'not-enough-memory': 'hardware',
  'model-too-large': 'model',
  'model-gated': 'model',
  'model-not-found': 'model',
  'revision-not-found': 'model',
  'unknown-task': 'model',
  'task-not-served': 'model',
  'missing-library': 'dependencies',
  'unsafe-format': 'dependencies',
  'remote-code': 'dependencies',
};

export function useDeploy(wizard: Wizard): Deploy {
  const navigate = useNavigate();
  const create = useCreateDeployment();
  // One key for one body: pressing twice, or again after a lost answer, makes one deployment.
  const sent = useRef<{ body: DeploymentBody; key: string } | null>(null);
  const { body, preflight } = wizard;

  const start = () => {
    const mayDeploy = body !== null && preflight?.verdict !== 'block' && !create.isPending;
    if (!mayDeploy || (preflight === undefined && wizard.preflightProblem === null)) return;
    if (sent.current?.body !== body) sent.current = { body, key: crypto.randomUUID() };
    create.mutate(sent.current, {
      onSuccess: (made) => {
        forget();
        navigate(`/deployments/${made.id}/progress`);
      },
      onError: () => {
        sent.current = null;
      },
    });
  };
  return {
    start,
    isSending: create.isPending || create.isSuccess,
    problem: create.error ? asProblem(create.error) : null,
  };
}
