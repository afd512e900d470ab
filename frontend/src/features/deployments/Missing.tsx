import { Button } from '@mantine/core';
import { Link } from 'react-router';
import type { Problem } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';

/** No such deployment, no longer, or not to be had right now. */
export function Missing({ id, problem }: { id: string; problem: Problem }) {
  const wasDeleted = problem.status === 410;
  if (!wasDeleted && problem.status !== 404) {
    return (
      <>
        <PageHeader title={id} />
        <ProblemCard problem={problem} />
      </>
    );
  }
  return (
    <EmptyState
      title={wasDeleted ? 'This deployment was deleted' : `No deployment is called ${id}`}
      text={
        wasDeleted
          ? 'Its port and memory are free again. Its id is not reused.'
          : 'It may have been deleted, or the name is misspelt.'
      }
      action={
        <Button component={Link} to="/">
          Go to Deployments
        </Button>
      }
    />
  );
}
