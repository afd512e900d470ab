import { memo } from 'react';
import { useVerb } from '../useVerb';
import { ConfirmButton } from './ConfirmButton';

export const CancelButton = memo(({ id }: { id: string }) => {
  const cancel = useVerb();
  return (
    <ConfirmButton
      label="Cancel"
      question="Stop the launch and delete partial results?"
      keep="Continue the launch"
      confirm="Cancel launch"
      isPending={cancel.isPending}
      onConfirm={() => cancel.mutate({ id, verb: 'cancel' })}
    />
  );
});
CancelButton.displayName = 'CancelButton';
