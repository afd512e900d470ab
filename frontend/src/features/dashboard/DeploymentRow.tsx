import { memo } from 'react';
import { Link } from 'react-router';
import type { Deployment } from '@/api/types';
import { CopyButton } from '@/components/ui/CopyButton';
import { StateBadge } from '@/components/ui/StateBadge';
import { TaskIcon } from '@/components/ui/TaskIcon';
import classes from './DeploymentTable.module.css';
import { Evidence } from './Evidence';
import { RowActions } from './RowActions';
import { RowNumbers } from './RowNumbers';

/** The list comes anew every few seconds, mostly unchanged: an unchanged row is not drawn again. */
export const DeploymentRow = memo(function DeploymentRow({
  deployment,
}: {
  deployment: Deployment;
}) {
  const { name, model, request, endpoint } = deployment;
  return (
    <tr className={classes.row}>
      <th scope="row" className={classes.name}>
        <span className={classes.icon}>
          <TaskIcon task={model?.task ?? request.task} />
        </span>
        <span className={classes.words}>
          <Link to={pageOf(deployment)}>{name}</Link>
          <span className={classes.model} title={request.model_id}>
            {request.model_id}
          </span>
        </span>
      </th>
      <td className={classes.state}>
        <StateBadge deployment={deployment} variant="plain" />
        <Evidence deployment={deployment} />
      </td>
      <td className={classes.endpoint}>
        {endpoint ? (
          <span>
            <code title={endpoint}>{shortEndpoint(endpoint)}</code>
            <CopyButton value={endpoint} what={`endpoint of ${name}`} />
          </span>
        ) : null}
      </td>
      <RowNumbers deployment={deployment} />
      <td className={classes.actions}>
        <RowActions deployment={deployment} />
      </td>
    </tr>
  );
});

const STARTING = new Set(['pending', 'initializing', 'failed', 'cancelled']);

/** A launch is watched on its own page, whatever was launched has a page with tabs. */
export const pageOf = ({ id, state }: Deployment): string =>
  STARTING.has(state) ? `/deployments/${id}/progress` : `/deployments/${id}`;

/** ":8100/predict": the host is the one in the address bar; copying takes the whole. */
export function shortEndpoint(endpoint: string): string {
  const url = new URL(endpoint);
  return url.port ? `:${url.port}${url.pathname}` : `${url.host}${url.pathname}`;
}
