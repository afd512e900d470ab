import type { Deployment } from '@/api/types';
import type { MemoryPart } from './MemoryBar';

const NAMED = 3;

/** What deployments hold: the largest by name, the rest as one. A colour each, and one for the rest. */
export function memoryParts(
  deployments: readonly Pick<Deployment, 'name' | 'memory'>[],
  colors: readonly [string, string, string, string],
): MemoryPart[] {
  const holding = deployments
    .map((one) => ({ label: one.name, bytes: one.memory?.measured_bytes ?? 0 }))
    .filter((one) => one.bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  const rest = holding.slice(NAMED);
  const bytes = rest.reduce((sum, part) => sum + part.bytes, 0);
  const parts = holding.slice(0, NAMED);
  if (rest.length > 0) parts.push({ label: `${rest.length} more`, bytes });
  return parts.map((part, index) => ({ ...part, color: colors[index] ?? colors[3] }));
}
