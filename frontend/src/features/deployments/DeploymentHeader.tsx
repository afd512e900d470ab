import { Button } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { asProblem } from '@/api/problem';
import { useDeploymentVerb } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { CopyButton } from '@/components/ui/CopyButton';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { StateBadge } from '@/components/ui/StateBadge';
import { type StateAction, stateView } from '@/components/ui/states';
import classes from './DeploymentHeader.module.css';
import type { Tab } from './TabBar';

interface Props {
  deployment: Deployment;
  tab: Tab;
}

const TITLES: Record<Tab, string> = {
  overview: '',
  playground: 'Playground · ',
  metrics: 'Metrics · ',
  'load-test': 'Load test · ',
  logs: 'Logs · ',
  settings: 'Settings · ',
};

export function DeploymentHeader({ deployment, tab }: Props) {
  const { name, endpoint, model } = deployment;
  // As the address has it, so that what the page shows is what is asked for again.
  const { id = deployment.id } = useParams();
  const verb = useDeploymentVerb();
  const run = (what: 'cancel' | 'pause' | 'resume' | 'retry') => verb.mutate({ id, verb: what });
  return (
    <>
      <PageHeader
        title={name}
        tabTitle={`${TITLES[tab]}${name}`}
        badge={<StateBadge deployment={deployment} />}
        subtitle={
          <span className={classes.model}>
            {[model?.id ?? deployment.request.model_id, model?.task].filter(Boolean).join(' · ')}
          </span>
        }
        actions={
          <>
            {endpoint ? <Endpoint address={endpoint} /> : null}
            <Actions
              deployment={deployment}
              isOverview={tab === 'overview'}
              isBusy={verb.isPending}
              onVerb={run}
            />
          </>
        }
      />
      {verb.error ? (
        <div className={classes.problem}>
          <ProblemCard problem={asProblem(verb.error)} takesFocus />
        </div>
      ) : null}
    </>
  );
}

function Endpoint({ address }: { address: string }) {
  return (
    <span className={classes.endpoint}>
      <code>{address.replace(/^https?:\/\//, '')}</code>
      <CopyButton value={address} what="endpoint" />
    </span>
  );
}

interface ActionProps {
  deployment: Deployment;
  isOverview: boolean;
  isBusy: boolean;
  onVerb: (verb: 'cancel' | 'pause' | 'resume' | 'retry') => void;
}

const pathOf = (to: Extract<StateAction, { to: string }>['to'], id: string): string => {
  if (to === 'again') return `/deploy/review?again=${encodeURIComponent(id)}`;
  return `/deployments/${encodeURIComponent(id)}/${to === 'test' ? 'playground' : 'progress'}`;
};

/** The one action of the state. Beside "Try it" stands Pause, and alone where one tries already. */
function Actions({ deployment, isOverview, isBusy, onVerb }: ActionProps) {
  const { action } = stateView(deployment);
  if (deployment.state === 'running') {
    return (
      <>
        <Button
          variant="default"
          className={isOverview ? (classes.second ?? '') : ''}
          loading={isBusy}
          onClick={() => onVerb('pause')}
        >
          Pause
        </Button>
        {isOverview ? (
          <Button component={Link} to={pathOf('test', deployment.id)}>
            Try it
          </Button>
        ) : null}
      </>
    );
  }
  if (action === null) return null;
  return 'verb' in action ? (
    <Button loading={isBusy} onClick={() => onVerb(action.verb)}>
      {action.label}
    </Button>
  ) : (
    <Button component={Link} to={pathOf(action.to, deployment.id)}>
      {action.label}
    </Button>
  );
}
