import { Card } from '@mantine/core';
import { memo } from 'react';
import { cx } from '@/components/ui/cx';
import { STEP_STATES } from '@/components/ui/states';
import { toneClass } from '@/components/ui/tones';
import { formatDuration, formatEstimate } from '@/lib/format';
import { isWorking, type LiveProgress, type LiveStep, stepSeconds } from '../live/progress';
import { useNow } from '../live/useNow';
import { bytesOf, runningTime } from '../live/words';
import classes from './StepList.module.css';

/** The six steps: state, what they say, how long they took or may take. */
export function StepList({ progress }: { progress: LiveProgress }) {
  const isAtWork = isWorking(progress);
  const now = useNow(isAtWork);
  return (
    <Card className={classes.card ?? ''}>
      <h2 className={classes.hidden}>Steps</h2>
      <ol className={classes.list}>
        {progress.steps.map((step) => (
          <Step
            key={step.name}
            step={step}
            said={sayingOf(step, progress)}
            seconds={stepSeconds(step, now)}
            isUnreached={step.state === 'queued' && !isAtWork}
          />
        ))}
      </ol>
    </Card>
  );
}

interface StepProps {
  step: LiveStep;
  said: string;
  seconds: number | null;
  isUnreached: boolean;
}

const RUNS = new Set<LiveStep['state']>(['running', 'stalled']);

/** Most steps stand still while one moves: only that one is painted. */
const Step = memo(({ step, said, seconds, isUnreached }: StepProps) => {
  const view = STEP_STATES[isUnreached ? 'unreached' : step.state];
  const Icon = view.icon;
  const runs = RUNS.has(step.state);
  const isQuiet = step.state === 'queued';
  return (
    <li
      className={cx(classes.step, toneClass(view.tone), isQuiet && classes.quiet)}
      data-state={isUnreached ? 'unreached' : step.state}
      aria-current={runs ? 'step' : undefined}
    >
      <Icon
        size={20}
        stroke={1.75}
        aria-hidden
        className={cx(classes.icon, step.state === 'running' && classes.turning)}
      />
      <div className={classes.body}>
        <div className={classes.line}>
          <h3 className={classes.title}>
            {step.title}
            <span className={classes.hidden}>: {view.label}</span>
          </h3>
          <Time step={step} seconds={seconds} isUnreached={isUnreached} />
        </div>
        {said ? <p className={classes.said}>{said}</p> : null}
        {runs && step.percent > 0 ? (
          <div className={classes.track} aria-hidden="true">
            <div className={classes.bar} style={{ width: `${step.percent}%` }} />
          </div>
        ) : null}
      </div>
    </li>
  );
});
Step.displayName = 'Step';

/** In a download the numbers are ours, so that they read alike everywhere. */
function sayingOf(step: LiveStep, { download, pause, current }: LiveProgress): string {
  if (step.state === 'queued') return '';
  if (step.name === current && download && RUNS.has(step.state)) {
    const bytes = bytesOf(download.done, download.total);
    const file = download.file ? `${download.file}, ` : '';
    return pause === null ? `${file}${bytes}` : `${file}${bytes}, no data received`;
  }
  return step.message === step.title ? '' : capital(step.message);
}

/** Only where a plain word begins: ids and file names stay as they are. */
const capital = (text: string): string =>
  /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

function Time({ step, seconds, isUnreached }: Omit<StepProps, 'said'>) {
  if (isUnreached) return <span className={classes.time}>Not run</span>;
  if (step.state === 'queued') {
    const estimate = step.estimate_seconds;
    return (
      <span className={classes.time}>{estimate === null ? '' : formatEstimate(estimate)}</span>
    );
  }
  const limit = ` of ${formatDuration(step.timeout_seconds)}`;
  const isTold = RUNS.has(step.state);
  const shown = seconds === null ? '' : isTold ? runningTime(seconds) : formatDuration(seconds);
  return (
    <span
      className={classes.time}
      title={seconds === null ? '' : `${seconds.toFixed(1)} s${limit}`}
    >
      <b>{shown}</b>
      {isTold || step.state === 'failed' ? limit : null}
    </span>
  );
}
