import { Button } from '@mantine/core';
import { useRouteError } from 'react-router';
import { asProblem } from '@/api/problem';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Layout } from './Layout';

export function RouteError() {
  const error = useRouteError();
  return (
    <Layout>
      <ProblemCard
        problem={asProblem(error)}
        actions={<Button onClick={() => window.location.reload()}>Reload the page</Button>}
      />
    </Layout>
  );
}
