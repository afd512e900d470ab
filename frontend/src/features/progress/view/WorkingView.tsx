import type { Deployment } from '@/api/types';
import { PageHeader } from '@/components/ui/PageHeader';
import { StateBadge } from '@/components/ui/StateBadge';
import type { LiveProgress } from '../live/progress';
import type { Line } from '../live/progressStore';
import { tabTitle } from '../live/words';
import { LogPanel } from '../log/LogPanel';
import { NotifyButton } from '../notice/NotifyButton';
import { CancelButton } from './CancelButton';
import { LineNote } from './LineNote';
import { PauseNotice } from './PauseNotice';
import { RampCard } from './RampCard';
import { SkipButton } from './SkipButton';
import { StepList } from './StepList';
import { Subtitle } from './Subtitle';
import { shownAs } from './shownAs';
import classes from './View.module.css';

interface Props {
  deployment: Deployment;
  progress: LiveProgress;
  line: Line;
}

export function WorkingView({ deployment, progress, line }: Props) {
  const { name } = deployment;
  return (
    <>
      <PageHeader
        title={name}
        tabTitle={tabTitle(progress, name)}
        badge={<StateBadge deployment={shownAs(progress)} />}
        subtitle={<Subtitle deployment={deployment} />}
        actions={
          progress.state === 'running' ? null : (
            <>
              {progress.isSkippable ? <SkipButton id={deployment.id} /> : null}
              <NotifyButton />
              <CancelButton id={deployment.id} />
            </>
          )
        }
      />
      <RampCard progress={progress} note={<LineNote line={line} />} />
      {progress.pause ? <PauseNotice deployment={deployment} progress={progress} /> : null}
      <div className={classes.halves}>
        <StepList progress={progress} />
        <LogPanel id={deployment.id} />
      </div>
    </>
  );
}
