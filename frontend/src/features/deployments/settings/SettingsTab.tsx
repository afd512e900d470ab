import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { asProblem } from '@/api/problem';
import { useDeploymentVerb } from '@/api/queries';
import type { Deployment, DeploymentState } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Section } from '@/components/ui/Section';
import { DeleteDeployment } from './DeleteDeployment';
import classes from './SettingsTab.module.css';

const MAY_PAUSE: ReadonlySet<DeploymentState> = new Set(['running', 'scaledToZero']);
const MAY_RESUME: ReadonlySet<DeploymentState> = new Set(['paused', 'scaledToZero']);
const MAY_RESTART: ReadonlySet<DeploymentState> = new Set(['running', 'updateFailed']);
const MAY_CANCEL: ReadonlySet<DeploymentState> = new Set(['pending', 'initializing']);

type Verb = 'cancel' | 'pause' | 'resume' | 'restart';

/** What can be done to the whole deployment; what its state forbids stays, with the reason. */
export function SettingsTab({ deployment }: { deployment: Deployment }) {
  const { state, port } = deployment;
  const { id = deployment.id } = useParams();
  const verb = useDeploymentVerb();
  const does = (what: Verb, label: string, may: ReadonlySet<DeploymentState>) => (
    <Button
      variant="default"
      disabled={!may.has(state) || (verb.isPending && verb.variables.verb !== what)}
      loading={verb.isPending && verb.variables.verb === what}
      onClick={() => verb.mutate({ id, verb: what })}
    >
      {label}
    </Button>
  );
  const place = port === null ? 'its port' : `port ${port}`;
  return (
    <div className={classes.page}>
      {verb.error ? <ProblemCard problem={asProblem(verb.error)} takesFocus /> : null}
      <Section title="Lifecycle">
        <div className={classes.rows}>
          {MAY_CANCEL.has(state) ? (
            <Row
              title="Cancel the launch"
              text="Stops the launch and deletes partial results. Downloaded files stay in the cache."
              action={does('cancel', 'Cancel the launch', MAY_CANCEL)}
            />
          ) : null}
          {MAY_RESUME.has(state) ? (
            <Row
              title="Resume"
              text={`Starts it again on ${place}, with the cached weights.`}
              action={does('resume', 'Resume', MAY_RESUME)}
            />
          ) : (
            <Row
              title="Pause"
              text={`Stops the server and frees its memory. It keeps ${place}, which returns 503 while paused.`}
              action={does('pause', 'Pause', MAY_PAUSE)}
            />
          )}
          <Row
            title="Restart"
            text="Starts a new server of the same version. Requests in progress are completed first."
            action={does('restart', 'Restart', MAY_RESTART)}
          />
          <Row
            title="Change settings"
            text="Opens the wizard with these settings; the result is another deployment."
            action={
              <Button
                component={Link}
                variant="default"
                to={`/deploy/review?again=${encodeURIComponent(id)}`}
              >
                Edit in the wizard
              </Button>
            }
          />
        </div>
      </Section>
      <Section title="Delete">
        <Row
          title={`Delete ${deployment.name}`}
          text="Stops the server and frees its port, memory and name. This cannot be undone."
          action={<DeleteDeployment deployment={deployment} />}
        />
      </Section>
    </div>
  );
}

interface RowProps {
  title: string;
  text: string;
  action: ReactNode;
}

function Row({ title, text, action }: RowProps) {
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        <h3>{title}</h3>
        <p>{text}</p>
      </div>
      {action}
    </div>
  );
}
