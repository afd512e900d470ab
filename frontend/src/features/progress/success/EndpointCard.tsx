import { Card } from '@mantine/core';
import { CopyButton } from '@/components/ui/CopyButton';
import classes from './EndpointCard.module.css';

/** The result: never cut, and with the one filled button. */
export function EndpointCard({ endpoint }: { endpoint: string }) {
  return (
    <Card className={classes.card ?? ''}>
      <div className={classes.words}>
        <span className={classes.term}>Endpoint</span>
        <code className={classes.address}>{endpoint}</code>
      </div>
      <CopyButton
        value={endpoint}
        label="Copy endpoint"
        what="endpoint"
        variant="filled"
        size="lg"
        className={classes.button ?? ''}
      />
    </Card>
  );
}
