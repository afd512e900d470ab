import { basePath } from '@/api/client';
import { useWizard } from '../context';
import classes from './DeploymentConfig.module.css';

/** Where it will answer. A port that is not chosen is not made up. */
export function Address() {
  const { state, name: suggested, system } = useWizard();
  const { port } = state.serving;
  const name = state.name ?? suggested ?? 'NAME';
  const first = Number(system?.limits.port_start) || null;
  const last = Number(system?.limits.port_end) || null;
  // Behind a reverse proxy only the control plane's port is reachable.
  const isProxied = basePath() !== '' || window.location.protocol === 'https:';
  const range = first && last ? `on the first free port of ${first} to ${last}` : 'on a free port';
  return (
    <div className={classes.address}>
      <p className={classes.description}>Endpoint</p>
      <p>
        <code>
          {isProxied
            ? `${window.location.origin}${basePath()}/d/${name}`
            : `http://${window.location.hostname}${port === null ? '' : `:${port}`}`}
        </code>
      </p>
      {port === null && !isProxied ? <p className={classes.range}>{range}</p> : null}
    </div>
  );
}
