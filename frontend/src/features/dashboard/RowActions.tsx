import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDotsVertical } from '@tabler/icons-react';
import { Link } from 'react-router';
import { asProblem } from '@/api/problem';
import { useDeploymentVerb } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { type StateAction, stateView } from '@/components/ui/states';
import classes from './DeploymentTable.module.css';

/** One obvious action, all in one column; the rest in a menu. */
export function RowActions({ deployment }: { deployment: Deployment }) {
  const { action } = stateView(deployment);
  const verb = useDeploymentVerb();
  const { id, name } = deployment;
  const run = (what: 'cancel' | 'pause' | 'resume' | 'retry' | 'restart') =>
    verb.mutate({ id, verb: what });
  return (
    <div className={classes.buttons}>
      {verb.error ? (
        <span className={classes.refused} role="alert">
          {asProblem(verb.error).detail}
        </span>
      ) : null}
      {action ? (
        <MainAction action={action} deployment={deployment} run={run} isBusy={verb.isPending} />
      ) : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${name}`} className={classes.more ?? ''}>
            <IconDotsVertical size={16} stroke={1.75} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/deployments/${id}`}>
            Open
          </Menu.Item>
          <Menu.Item component={Link} to={`/deployments/${id}/logs`}>
            Logs
          </Menu.Item>
          {deployment.state === 'running' ? (
            <>
              <Menu.Item onClick={() => run('restart')}>Restart</Menu.Item>
              <Menu.Item onClick={() => run('pause')}>Pause</Menu.Item>
            </>
          ) : null}
          {deployment.state === 'initializing' ? (
            <Menu.Item onClick={() => run('cancel')}>Cancel</Menu.Item>
          ) : null}
          <Menu.Item component={Link} to={`/deploy/review?again=${id}`}>
            Duplicate
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item component={Link} to={`/deployments/${id}/settings`} color="red">
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

interface MainProps {
  action: StateAction;
  deployment: Deployment;
  run: (verb: 'cancel' | 'resume' | 'retry') => void;
  isBusy: boolean;
}

function MainAction({ action, deployment, run, isBusy }: MainProps) {
  const label = `${action.label}: ${deployment.name}`;
  if ('verb' in action) {
    return (
      <Button
        variant="default"
        size="sm"
        loading={isBusy}
        onClick={() => run(action.verb)}
        aria-label={label}
      >
        {action.label}
      </Button>
    );
  }
  return (
    <Button
      component={Link}
      to={targetOf(action.to, deployment.id)}
      variant="default"
      size="sm"
      aria-label={label}
    >
      {action.label}
    </Button>
  );
}

function targetOf(to: 'progress' | 'test' | 'again', id: string): string {
  if (to === 'test') return `/test/${id}`;
  return to === 'progress' ? `/deployments/${id}/progress` : `/deploy/review?again=${id}`;
}
