import { Button } from '@mantine/core';
import { IconClockPause, IconRefresh } from '@tabler/icons-react';
import { basePath } from '@/api/client';
import type { Deployment } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { toneClass } from '@/components/ui/tones';
import type { LiveProgress, Pause } from '../live/progress';
import { useNow } from '../live/useNow';
import { untilWords } from '../live/words';
import { refusal } from '../refusal';
import { useVerb } from '../useVerb';
import classes from './PauseNotice.module.css';

/** "… Retrying in 4 s (2 of 5)." → what happened, and how many tries there are. */
const OF = /\((\d+) of (\d+)\)/;

export function pauseWords(pause: Pause, now: number): { title: string; text: string } {
  const when = pause.retryAt === null ? '' : ` in ${untilWords(pause.retryAt, now)}`;
  const due = pause.retryAt !== null && pause.retryAt <= now;
  const [, attempt, most] = OF.exec(pause.message) ?? [];
  const happened = pause.message.replace(/\s*Retrying in .*$/, '').trim();
  const tries =
    attempt === undefined
      ? ''
      : `Retry ${attempt} of ${most}. If all of them fail, you can start it again; completed work is kept.`;
  return {
    title: due
      ? 'Retrying now; the download resumes'
      : `Retrying automatically${when}; the download resumes`,
    text: [happened, tries].filter(Boolean).join(' '),
  };
}

/** What happens next and when, before it offers a button. */
export function PauseNotice({
  deployment,
  progress,
}: {
  deployment: Deployment;
  progress: LiveProgress;
}) {
  const now = useNow(true);
  const retry = useVerb();
  const { pause } = progress;
  if (pause === null) return null;
  const { title, text } = pauseWords(pause, now);
  const Icon = pause.kind === 'stalled' ? IconClockPause : IconRefresh;
  return (
    <section className={cx(classes.notice, toneClass('warn'))} aria-label="What happens next">
      <Icon size={20} stroke={1.75} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <h2 className={classes.title}>{title}</h2>
        <p>{retry.error ? refusal(retry.error)?.detail : text}</p>
      </div>
      {deployment.request.source === 'hub' ? (
        <Button
          variant="default"
          component="a"
          href={`${basePath()}/errors/hub-unreachable`}
          target="_blank"
        >
          How to use a mirror
        </Button>
      ) : null}
      {pause.kind === 'stalled' ? (
        <Button
          variant="default"
          loading={retry.isPending}
          onClick={() => retry.mutate({ id: deployment.id, verb: 'retry' })}
        >
          Retry now
        </Button>
      ) : null}
    </section>
  );
}
