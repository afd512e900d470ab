import { Card } from '@mantine/core';
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
  const now = useNow(isWorking(progress));
  return (
    <Card className={classes.card ?? ''}>
      <h2 className={classes.hidden}>Steps</h2>
      <ol className={classes.list}>
        {progress.steps.map((step) => (
          <Step key={step.name} step={step} progress={progress} now={now} />
        ))}
      </ol>
    </Card>
  );
}

interface StepProps {
  step: LiveStep;
  progress: LiveProgress;
  now: number;
}

const RUNS = new Set<LiveStep['state']>(['running', 'stalled']);

function Step({ step, progress, now }: StepProps) {
  const isUnreached = step.state === 'queued' && !isWorking(progress);
  const view = STEP_STATES[isUnreached ? 'unreached' : step.state];
  const Icon = view.icon;
  const runs = RUNS.has(step.state);
  const isQuiet = step.state === 'queued';
  const said = isQuiet ? '' : sayingOf(step, progress);
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
          <Time step={step} now={now} isUnreached={isUnreached} />
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
}

/** In a download the numbers are ours, so that they read alike everywhere. */
function sayingOf(step: LiveStep, { download, pause, current }: LiveProgress): string {
  if (step.name === current && download && RUNS.has(step.state)) {
    const bytes = bytesOf(download.done, download.total);
    const file = download.file ? `${download.file}, ` : '';
    return pause === null ? `${file}${bytes}` : `${file}${bytes}, nothing comes`;
  }
  return step.message === step.title ? '' : capital(step.message);
}

/** Only where a plain word begins: ids and file names stay as they are. */
const capital = (text: string): string =>
  /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

function Time({ step, now, isUnreached }: { step: LiveStep; now: number; isUnreached: boolean }) {
  const seconds = stepSeconds(step, now);
  if (isUnreached) return <span className={classes.time}>Not reached</span>;
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
