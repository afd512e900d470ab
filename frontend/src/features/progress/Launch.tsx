import { VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import type { Deployment } from '@/api/types';
import { FailedView } from './failure/FailedView';
import { isWorking, type LiveProgress } from './live/progress';
import type { Line } from './live/progressStore';
import { useAnnouncement } from './live/useAnnouncement';
import { useProgress } from './live/useProgress';
import { useEndNotice } from './notice/useEndNotice';
import { SuccessView } from './success/SuccessView';
import { RestingView } from './view/RestingView';
import { WorkingView } from './view/WorkingView';

interface Props {
  address: string;
  deployment: Deployment;
}

/** One deployment's launch: watches it, says aloud what changes, and shows the view of its state. */
export function Launch({ address, deployment }: Props) {
  const { progress, line } = useProgress(address, deployment);
  const said = useAnnouncement(progress);
  const [sawWork, setSawWork] = useState(isWorking(progress));
  if (isWorking(progress) && !sawWork) setSawWork(true);
  useEndNotice(deployment.name, progress);
  return (
    <>
      <VisuallyHidden role="status" aria-live="polite">
        {said}
      </VisuallyHidden>
      <View deployment={deployment} progress={progress} line={line} sawWork={sawWork} />
    </>
  );
}

interface ViewProps {
  deployment: Deployment;
  progress: LiveProgress;
  line: Line;
  /** It ended before one's eyes. */
  sawWork: boolean;
}

function View({ deployment, progress, line, sawWork }: ViewProps) {
  switch (progress.state) {
    case 'running':
    case 'updateFailed':
      // The event is a moment ahead of the deployment with its examples.
      return deployment.result === null ? (
        <WorkingView deployment={deployment} progress={progress} line={line} />
      ) : (
        <SuccessView deployment={deployment} launching={sawWork} />
      );
    case 'failed':
      return <FailedView deployment={deployment} progress={progress} takesFocus={sawWork} />;
    case 'pending':
    case 'initializing':
    case 'updating':
      return <WorkingView deployment={deployment} progress={progress} line={line} />;
    default:
      return <RestingView deployment={deployment} progress={progress} />;
  }
}
