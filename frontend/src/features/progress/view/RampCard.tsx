import { Card } from '@mantine/core';
import type { ReactNode } from 'react';
import { Ramp } from '@/components/ui/Ramp';
import { isWorking, type LiveProgress } from '../live/progress';
import { useNow } from '../live/useNow';
import { activity, figures, situation, spoken } from '../live/words';
import classes from './RampCard.module.css';

interface Props {
  progress: LiveProgress;
  /** About the line to the server, if it is down. */
  note?: ReactNode;
}

/** Percent and sentence, the hull, and what is left. */
export function RampCard({ progress, note }: Props) {
  const now = useNow(isWorking(progress));
  const isStalled = progress.pause?.kind === 'stalled';
  return (
    <Card className={classes.card ?? ''}>
      <div className={classes.head}>
        <p className={classes.percent}>{Math.floor(progress.percent)}%</p>
        <div className={classes.words}>
          <h2 className={classes.activity}>{activity(progress)}</h2>
          <p className={classes.situation}>{situation(progress, now)}</p>
          {note}
        </div>
        <dl className={classes.figures}>
          {figures(progress, now).map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <Ramp
        percent={progress.percent}
        weights={progress.steps.map((step) => step.weight)}
        tone={isStalled ? 'warn' : 'accent'}
        valueText={spoken(progress, now)}
      />
    </Card>
  );
}
