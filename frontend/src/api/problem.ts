import type { Problem } from './types';

/** A refused or failed request; carries the catalogue's problem, so that any screen can show what to do. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

const blank = {
  type: 'about:blank',
  instance: null,
  step: null,
  error_type: 'validation',
  request_id: null,
  errors: [],
} as const;

export function makeProblem(
  facts: Pick<Problem, 'code' | 'title' | 'detail' | 'remedy' | 'status'> & Partial<Problem>,
): Problem {
  return { ...blank, errors: [], retryable: true, error: facts.detail, ...facts };
}

export const unreachable = (): Problem =>
  makeProblem({
    code: 'control-plane-unreachable',
    title: 'Slipway cannot be reached',
    detail:
      'The control plane did not respond. The endpoints of running deployments continue to serve on their own ports.',
    remedy: 'Start it again with make run; this page reconnects automatically.',
    status: 0,
  });

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'title' in body;

/** Turns any answer that is not 2xx into a problem: ours as it is, a stranger's described by its status. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  if (isProblem(body)) return { ...makeProblem(body), ...body };
  return makeProblem({
    code: `http-${response.status}`,
    title: 'Unexpected response',
    detail: `${new URL(response.url || '/', location.href).pathname} returned ${response.status} ${response.statusText}.`,
    remedy: 'Check for a proxy between this browser and Slipway.',
    status: response.status,
  });
}

export function asProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return makeProblem({
    code: 'page-error',
    title: 'This page failed to render',
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'Reload the page; deployments are not affected.',
    status: 0,
    retryable: false,
  });
}
