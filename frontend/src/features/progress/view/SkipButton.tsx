import { Button } from '@mantine/core';
import { memo } from 'react';
import { useVerb } from '../useVerb';

/** Ends the measurement of the prepare step; what was measured by then decides. */
export const SkipButton = memo(({ id }: { id: string }) => {
  const skip = useVerb();
  return (
    <Button
      variant="default"
      loading={skip.isPending}
      onClick={() => skip.mutate({ id, verb: 'skip' })}
    >
      Skip measurement
    </Button>
  );
});
SkipButton.displayName = 'SkipButton';
