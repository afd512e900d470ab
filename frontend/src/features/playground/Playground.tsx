import { Button } from '@mantine/core';
import { Suspense } from 'react';
import { useParams } from 'react-router';
import { useDeployment, useDeploymentVerb, useTasks } from '@/api/queries';
import type { Deployment, DeploymentState, Task } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { PageSkeleton } from '@/components/ui/Skeletons';
import { stateView } from '@/components/ui/states';
import { exampleOf, useInfo } from './info';
import { viewOf } from './views';

const ANSWERS: ReadonlySet<DeploymentState> = new Set(['running', 'updating', 'updateFailed']);

const unknownTask = (name: string): Task => ({
  name,
  title: name,
  summary: null,
  modality: null,
  input: 'json',
  output: 'json',
  aliases: [],
  request: null,
  response: null,
  example: null,
  example_content_type: null,
  can_stream: false,
  served: false,
  reason: null,
});

/** Tries a deployment out, in the way that fits its task. */
export function Playground() {
  const { id = '' } = useParams();
  const { data: deployment } = useDeployment(id);
  const { data: tasks, isError } = useTasks();
  if (!deployment) return null;
  if (!ANSWERS.has(deployment.state)) return <Silent deployment={deployment} />;
  if (!tasks && !isError) return <PageSkeleton />;
  const name = deployment.model?.task ?? '';
  const task = tasks?.find((one) => one.name === name) ?? unknownTask(name);
  return <Loaded key={deployment.id} deployment={deployment} task={task} />;
}

function Loaded({ deployment, task }: { deployment: Deployment; task: Task }) {
  const info = useInfo(deployment.id, deployment.generation, true);
  const View = viewOf(task.name);
  // What the server tells decides how a view looks; without an answer it does without.
  if (info.isPending) return <PageSkeleton />;
  return (
    <Suspense fallback={<PageSkeleton />}>
      <View
        deployment={deployment}
        task={{ ...task, example: (info.data && exampleOf(info.data)) ?? task.example }}
        info={info.data}
      />
    </Suspense>
  );
}

/** Nothing answers in this state: say so, and offer what brings it back. */
function Silent({ deployment }: { deployment: Deployment }) {
  const { id = deployment.id } = useParams();
  const verb = useDeploymentVerb();
  const { label } = stateView(deployment);
  const canResume = deployment.state === 'paused' || deployment.state === 'scaledToZero';
  return (
    <EmptyState
      title={`${deployment.name} is ${label.toLowerCase()} and accepts no requests`}
      text={
        canResume
          ? 'Its weights are cached. It starts again on the same port.'
          : 'The playground opens automatically when the deployment is running.'
      }
      action={
        canResume ? (
          <Button loading={verb.isPending} onClick={() => verb.mutate({ id, verb: 'resume' })}>
            {deployment.state === 'paused' ? 'Resume' : 'Wake'}
          </Button>
        ) : null
      }
    />
  );
}
