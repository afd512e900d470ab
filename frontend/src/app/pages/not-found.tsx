import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { EmptyState } from '@/components/ui/EmptyState';

export function Component() {
  return (
    <EmptyState
      title="Page not found"
      text="The address may be misspelt, or the deployment it names was deleted."
      action={
        <Button component={Link} to="/">
          Go to Deployments
        </Button>
      }
    />
  );
}
