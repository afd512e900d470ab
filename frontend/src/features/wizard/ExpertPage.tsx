import { useWizard } from './context';
import { DependencyManager } from './dependencies/DependencyManager';
import classes from './ExpertPage.module.css';
import { HardwareConfig } from './hardware/HardwareConfig';
import { MemoryAside } from './hardware/MemoryAside';
import { ModelAside } from './model/ModelAside';
import { ModelSelection } from './model/ModelSelection';
import { DeploymentSummary } from './review/DeploymentSummary';
import { DeploymentConfig } from './settings/DeploymentConfig';

/** All five screens on one page; the same parts, the same state, one Deploy. */
export function ExpertPage() {
  const { state } = useWizard();
  return (
    <>
      <h1 tabIndex={-1}>Deploy a model</h1>
      <div className={classes.columns}>
        <div className={classes.sections}>
          <div className={classes.models}>
            <ModelSelection />
          </div>
          <HardwareConfig />
          <DependencyManager />
          <DeploymentConfig />
          <DeploymentSummary />
        </div>
        <aside className={classes.aside}>
          <ModelAside />
          <MemoryAside hardware={state.hardware} />
        </aside>
      </div>
    </>
  );
}
