import { Button } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { asProblem } from '@/api/problem';
import { useDeployment } from '@/api/queries';
import { EmptyState } from '@/components/ui/EmptyState';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { PageSkeleton } from '@/components/ui/Skeletons';
import { StateBadge } from '@/components/ui/StateBadge';
import { Playground } from './Playground';

/** The playground with a page of its own, for links from outside. */
export function PlaygroundPage() {
  const { id = '' } = useParams();
  const { data: deployment, error } = useDeployment(id);
  if (!deployment && error) return <Missing id={id} error={error} />;
  if (!deployment) return <PageSkeleton />;
  return (
    <>
      <PageHeader
        title={deployment.name}
        tabTitle={`Try ${deployment.name}`}
        badge={<StateBadge deployment={deployment} />}
        subtitle={[deployment.model?.id, deployment.model?.task].filter(Boolean).join(' · ')}
        actions={
          <Button component={Link} variant="default" to={`/deployments/${deployment.id}`}>
            Open the deployment
          </Button>
        }
      />
      <Playground />
    </>
  );
}

function Missing({ id, error }: { id: string; error: unknown }) {
  const problem = asProblem(error);
  if (problem.status !== 404 && problem.status !== 410) return <ProblemCard problem={problem} />;
  return (
    <EmptyState
      title={
        problem.status === 410 ? 'This deployment was deleted' : `No deployment is called ${id}`
      }
      text={problem.detail}
      action={
        <Button component={Link} to="/">
          Go to Deployments
        </Button>
      }
    />
  );
}
