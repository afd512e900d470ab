import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { EmptyState } from '@/components/ui/EmptyState';

export function Component() {
  return (
    <EmptyState
      title="Page not found"
      text="The URL may be misspelt, or the deployment was deleted."
      action={
        <Button component={Link} to="/">
          Go to Deployments
        </Button>
      }
    />
  );
}
