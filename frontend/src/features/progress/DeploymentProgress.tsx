import { Button } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { useDeployment } from '@/api/queries';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { PageSkeleton } from '@/components/ui/Skeletons';
import { Launch } from './Launch';
import { refusal } from './refusal';

/** `/deployments/:id/progress`: from the first step to the endpoint, on one address. */
export function DeploymentProgress() {
  const { id = '' } = useParams();
  const { data, error } = useDeployment(id);
  const problem = refusal(error);
  const isGone = problem !== null && [404, 410].includes(problem.status);
  if (data && !isGone) return <Launch key={data.id} address={id} deployment={data} />;
  if (problem === null) return <PageSkeleton />;
  return (
    <>
      <PageHeader title={id} />
      <ProblemCard
        problem={problem}
        actions={
          <Button component={Link} to="/">
            See all deployments
          </Button>
        }
      />
    </>
  );
}
