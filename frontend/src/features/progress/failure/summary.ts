import { formatEstimate } from '@/lib/format';
import type { LiveProgress } from '../live/progress';

const isDone = (state: string): boolean => state === 'succeeded' || state === 'skipped';

/** "The launch stopped in step 5 of 6, Start the model server. …": how far it came, and what a retry costs. */
export function failureSummary({ steps, current }: LiveProgress): string | null {
  const failed = steps.findIndex((step) => step.state === 'failed');
  const at = failed >= 0 ? failed : steps.findIndex((step) => step.name === current);
  const step = steps[at];
  if (step === undefined) return null;
  const place = `The launch stopped in step ${at + 1} of ${steps.length}, ${step.title}.`;
  const hasFiles = steps.some((one) => one.name === 'download' && isDone(one.state));
  const rest = steps.slice(at).map((one) => one.estimate_seconds);
  if (!hasFiles) {
    return step.name === 'download'
      ? `${place} The partial download is kept; a retry resumes it.`
      : place;
  }
  const kept = `${place} The download is kept`;
  if (rest.includes(null)) return `${kept} for a retry.`;
  const seconds = rest.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return `${kept}, so a retry takes ${formatEstimate(seconds)}.`;
}
