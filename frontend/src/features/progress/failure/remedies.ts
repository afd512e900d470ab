/** From a problem to buttons that do something about it. The first one is the recommended one. */

import type { Deployment, DeploymentBody, Hardware, Problem, StepName, System } from '@/api/types';
import { formatMemory } from '@/lib/format';
import { SCREEN_OF, type Screen } from '@/lib/screens';

/** A retry merges a partial request into the old one, section by section. */
export type Changes = Omit<DeploymentBody, 'model_id'>;

export type Remedy =
  | { kind: 'retry'; label: string; changes: Changes | null }
  | { kind: 'edit'; label: string; screen: Screen }
  | { kind: 'token'; label: string };

export interface Case {
  deployment: Deployment;
  problem: Problem;
  system: System | null;
}

type Finder = (found: Case) => Remedy[];

const retry = (label: string, changes: Changes | null = null): Remedy => ({
  kind: 'retry',
  label,
  changes,
});

const hardware = (label: string, changes: Partial<Hardware>): Remedy =>
  retry(label, { hardware: changes });

export const dtypeOf = ({ receipt, request }: Deployment): string =>
  receipt?.dtype ?? (request.hardware.dtype === 'auto' ? 'float32' : request.hardware.dtype);

const inBfloat16: Finder = ({ deployment, system }) =>
  dtypeOf(deployment) === 'float32' && system?.machine.has_bfloat16 !== false
    ? [hardware('Retry in bfloat16', { dtype: 'bfloat16' })]
    : [];

const inFloat32: Finder = ({ deployment }) =>
  dtypeOf(deployment) === 'float32' ? [] : [hardware('Retry in float32', { dtype: 'float32' })];

const GB = 1e9;
const HALF = GB / 2;

/** The plan's estimate; before there is a plan, the number in the refusal's own sentence. */
function neededBytes({ deployment, problem }: Case): number {
  const [, digits, unit] = /requires about ([\d.]+) ([GM])B/.exec(problem.detail) ?? [];
  const told = digits === undefined ? 0 : Number(digits) * (unit === 'G' ? GB : GB / 1000);
  return Math.max(told, deployment.memory?.estimated_bytes ?? 0);
}

/** Half as much again, or what it needs and a quarter, in halves of a GB, as far as it is allowed. */
const raiseLimit: Finder = (found) => {
  const { memory, request } = found.deployment;
  const old = memory?.limit_bytes ?? (request.hardware.memory_limit_gb ?? 0) * GB;
  if (old <= 0) return [];
  const most =
    Number(found.system?.limits.max_memory_per_model_gb ?? Number.POSITIVE_INFINITY) * GB;
  const wanted = Math.max(1.5 * old, 1.25 * neededBytes(found));
  const limit = Math.min(Math.ceil(wanted / HALF) * HALF, most);
  if (limit <= old) return [];
  const label = `Raise limit to ${formatMemory(limit)} and retry`;
  return [hardware(label, { memory_limit_gb: limit / GB })];
};

/** The catalogue's remedy names the extra in its sentence. */
const addExtra: Finder = ({ deployment, problem }) => {
  const name = /the extra ([a-z0-9-]+)/.exec(problem.remedy)?.[1];
  if (name === undefined) return [];
  const extras = [...new Set([...deployment.request.dependencies.extras, name])];
  return [retry(`Add ${name} and retry`, { dependencies: { extras } })];
};

const safetensors: Finder = ({ problem }) => {
  const revision = /revision (\S+) has safetensors/.exec(problem.remedy)?.[1];
  return revision === undefined ? [] : [retry('Retry with its safetensors', { revision })];
};

const FINDERS: Readonly<Record<string, readonly Finder[]>> = {
  'model-out-of-memory': [inBfloat16, raiseLimit],
  'not-enough-memory': [inBfloat16, raiseLimit],
  'missing-library': [addExtra],
  'unsafe-format': [safetensors],
  'port-taken': [() => [retry('Retry on a free port', { serving: { port: null } })]],
  'model-gated': [() => [{ kind: 'token', label: 'Save token and retry' }]],
  'hub-unauthorized': [() => [{ kind: 'token', label: 'Save token and retry' }]],
  'server-died': [inFloat32],
  'crash-loop': [inFloat32],
  'verify-failed': [inFloat32],
};

const STEP_WORDS: Record<StepName, string> = {
  validate: 'Retry',
  download: 'Retry the download',
  dependencies: 'Retry the installation',
  prepare: 'Retry the preparation',
  start: 'Retry the start',
  verify: 'Retry the test request',
};

const plainRetry = (step: string | null): Remedy =>
  retry(STEP_WORDS[(step ?? 'validate') as StepName] ?? 'Retry');

/** A plain retry leads where the same request may succeed; elsewhere it comes after the real remedies. */
export function remedies(found: Case): Remedy[] {
  const { problem } = found;
  const own = (FINDERS[problem.code] ?? []).flatMap((finder) => finder(found));
  const screen = SCREEN_OF[problem.code];
  const edit: Remedy[] =
    screen === undefined ? [] : [{ kind: 'edit', label: EDIT[screen], screen }];
  const again = plainRetry(problem.step);
  return problem.retryable ? [again, ...own, ...edit] : [...own, ...edit, again];
}

const EDIT: Record<Screen, string> = {
  model: 'Choose another model',
  hardware: 'Change the hardware',
  dependencies: 'Change the dependencies',
  settings: 'Change the settings',
  review: 'Change the request',
};

/** Why it happened, where our own numbers say so. */
export function why({ deployment, problem }: Case): string | null {
  if (problem.code !== 'model-out-of-memory' && problem.code !== 'not-enough-memory') return null;
  const { memory, request } = deployment;
  if (!memory?.estimated_bytes) return null;
  const needs = `In ${dtypeOf(deployment)} this model needs about ${formatMemory(memory.estimated_bytes)}.`;
  if (!memory.limit_bytes) return needs;
  const who = request.hardware.memory_limit_gb === null ? 'The limit is' : 'The limit was set to';
  return `${needs} ${who} ${formatMemory(memory.limit_bytes)}.`;
}
