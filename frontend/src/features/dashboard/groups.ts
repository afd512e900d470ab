import type { Deployment } from '@/api/types';
import { type Group, stateView } from '@/components/ui/states';

/** What needs attention is always on top; empty groups vanish. */
export const GROUPS: readonly (readonly [Group, string])[] = [
  ['attention', 'Needs attention'],
  ['starting', 'Starting'],
  ['running', 'Running'],
  ['idle', 'Idle'],
];

export const groupOf = (deployment: Deployment): Group => stateView(deployment).group;

export function countByGroup(deployments: readonly Deployment[]): Record<Group, number> {
  const counts: Record<Group, number> = { attention: 0, starting: 0, running: 0, idle: 0 };
  for (const one of deployments) counts[groupOf(one)] += 1;
  return counts;
}

export function matchesSearch(deployment: Deployment, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${deployment.name} ${deployment.request.model_id} ${deployment.model?.task ?? ''}`;
  return words.every((word) => text.toLowerCase().includes(word));
}
