import type { Deployment } from '@/api/types';
import type { LiveProgress } from '../live/progress';

/** The live state in the shape that the vocabulary of states reads. */
export const shownAs = (progress: LiveProgress): Pick<Deployment, 'state' | 'progress'> => ({
  state: progress.state,
  progress: {
    percent: progress.percent,
    current_step: progress.current,
    completed_steps: progress.completed,
    total_steps: progress.steps.length,
    message: progress.message,
    elapsed_seconds: progress.elapsed,
    eta_seconds: null,
    steps: progress.steps.map(({ beganAt: _began, took, ...step }) => ({
      ...step,
      elapsed_seconds: took,
    })),
  },
});
