import { asProblem } from '@/api/problem';
import type { Problem } from '@/api/types';

/** The problem of a query or a press that failed; null where it did not. */
export const refusal = (error: unknown): Problem | null =>
  error === null || error === undefined ? null : asProblem(error);
