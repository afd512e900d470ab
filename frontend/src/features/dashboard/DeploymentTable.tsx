import type { Deployment } from '@/api/types';
import { DeploymentRow } from './DeploymentRow';
import classes from './DeploymentTable.module.css';
import { GROUPS, groupOf } from './groups';

export function DeploymentTable({ deployments }: { deployments: readonly Deployment[] }) {
  return (
    <div className={classes.frame}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Deployment</th>
            <th scope="col">State</th>
            <th scope="col">Endpoint</th>
            <th scope="col" className={classes.number}>
              Requests/min
            </th>
            <th scope="col" className={classes.number}>
              p95
            </th>
            <th scope="col" className={classes.number}>
              Memory
            </th>
            <td />
          </tr>
        </thead>
        {GROUPS.map(([group, title]) => {
          const rows = deployments.filter((one) => groupOf(one) === group);
          if (rows.length === 0) return null;
          return (
            <tbody key={group}>
              <tr className={classes.group}>
                <th scope="rowgroup" colSpan={7}>
                  {title} <span>{rows.length}</span>
                </th>
              </tr>
              {rows.map((one) => (
                <DeploymentRow key={one.id} deployment={one} />
              ))}
            </tbody>
          );
        })}
      </table>
    </div>
  );
}
