import { useState } from 'react';
import type { LiveProgress } from './progress';
import { announcement } from './words';

/** What the live region says now: changes with a step, a stall or an end, never with a percent. */
export function useAnnouncement(progress: LiveProgress): string {
  const [last, setLast] = useState({ progress, said: '' });
  if (last.progress === progress) return last.said;
  const said = announcement(last.progress, progress) ?? last.said;
  setLast({ progress, said });
  return said;
}
