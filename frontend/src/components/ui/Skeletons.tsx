import { Skeleton } from '@mantine/core';
import classes from './Skeletons.module.css';

/** A page that is still coming: header and one card, in their final places. */
export function PageSkeleton() {
  return (
    <div className={classes.page} role="status" aria-label="Loading">
      <Skeleton height={32} width={260} />
      <Skeleton height={18} width={180} mt={6} />
      <Skeleton height={320} mt={24} radius="md" />
    </div>
  );
}

export function RowsSkeleton({ rows = 4, height = 58 }: { rows?: number; height?: number }) {
  return (
    <div className={classes.rows} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a skeleton have no identity
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </div>
  );
}
