import { useWizard } from '../context';
import classes from './DeploymentConfig.module.css';

/** Where it will answer. A port that is not chosen is not made up. */
export function Address() {
  const { state, system } = useWizard();
  const { port } = state.serving;
  const first = Number(system?.limits.port_start) || null;
  const last = Number(system?.limits.port_end) || null;
  const range = first && last ? `on the first free port of ${first} to ${last}` : 'on a free port';
  return (
    <div className={classes.address}>
      <p className={classes.description}>Will answer at</p>
      <p>
        <code>
          http://{window.location.hostname}
          {port === null ? '' : `:${port}`}
        </code>
      </p>
      {port === null ? <p className={classes.range}>{range}</p> : null}
    </div>
  );
}
