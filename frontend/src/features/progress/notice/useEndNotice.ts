import { useEffect, useRef } from 'react';
import { isWorking, type LiveProgress } from '../live/progress';

const WORDS: Partial<Record<LiveProgress['state'], string>> = {
  running: 'is launched',
  failed: 'failed',
};

/** A notification of the browser when the launch ends and nobody is looking, if they asked for it. */
export function useEndNotice(name: string, progress: LiveProgress): void {
  const wasWorking = useRef(isWorking(progress));
  const { state } = progress;
  const detail = progress.problem?.title ?? 'Verified with a real request.';
  useEffect(() => {
    const words = wasWorking.current ? WORDS[state] : undefined;
    wasWorking.current = isWorking({ state });
    if (words === undefined || !document.hidden || !mayNotify()) return;
    const notice = new Notification(`${name} ${words}`, { body: detail, tag: `slipway-${name}` });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
  }, [state, name, detail]);
}

const mayNotify = (): boolean => 'Notification' in window && Notification.permission === 'granted';
