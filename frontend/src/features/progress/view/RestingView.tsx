import { Button } from '@mantine/core';
import { Link } from 'react-router';
import type { Deployment } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { PageHeader } from '@/components/ui/PageHeader';
import { StateBadge } from '@/components/ui/StateBadge';
import type { LiveProgress } from '../live/progress';
import { tabTitle } from '../live/words';
import { LogPanel } from '../log/LogPanel';
import { refusal } from '../refusal';
import { useVerb } from '../useVerb';
import { StepList } from './StepList';
import { Subtitle } from './Subtitle';
import { shownAs } from './shownAs';
import classes from './View.module.css';

type Words = { title: string; text: string; button: string; verb: 'retry' | 'resume' };

const CANCELLED: Words = {
  title: 'The launch was cancelled',
  text: 'No process is running. Downloaded files stay in the cache.',
  button: 'Launch again',
  verb: 'retry',
};

const PAUSED: Words = {
  title: 'The model server is not running',
  text: 'Its port is reserved and returns 503. Resume runs the same six steps, without a download.',
  button: 'Resume',
  verb: 'resume',
};

/** Cancelled, paused or asleep: no launch goes on, and one button begins it again. */
export function RestingView({
  deployment,
  progress,
}: {
  deployment: Deployment;
  progress: LiveProgress;
}) {
  const begin = useVerb();
  const { id, name } = deployment;
  const words = progress.state === 'cancelled' ? CANCELLED : PAUSED;
  const refused = refusal(begin.error);
  return (
    <>
      <PageHeader
        title={name}
        tabTitle={tabTitle(progress, name)}
        badge={<StateBadge deployment={shownAs(progress)} />}
        subtitle={<Subtitle deployment={deployment} />}
        actions={
          progress.state === 'cancelled' ? (
            <Button variant="default" component={Link} to={`/deploy/review?again=${name}`}>
              Edit settings
            </Button>
          ) : (
            <Button variant="default" component={Link} to={`/deployments/${name}`}>
              Open its page
            </Button>
          )
        }
      />
      <EmptyState
        title={words.title}
        text={refused ? refused.detail : words.text}
        action={
          <Button loading={begin.isPending} onClick={() => begin.mutate({ id, verb: words.verb })}>
            {words.button}
          </Button>
        }
      />
      <div className={classes.halves}>
        <StepList progress={progress} />
        <LogPanel key={deployment.generation} id={id} />
      </div>
    </>
  );
}
