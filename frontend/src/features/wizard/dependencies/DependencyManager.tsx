import { RowsSkeleton } from '@/components/ui/Skeletons';
import { useWizard } from '../context';
import { Screen } from '../frame/Screen';
import { Consents } from './Consents';
import { DependencyAside } from './DependencyAside';
import { DependencyGroup } from './DependencyGroup';
import classes from './DependencyManager.module.css';
import { type DependencyRow, groupDependencies } from './dependencies';

export function DependencyManager() {
  const { state, dispatch, system, detail } = useWizard();
  const lead =
    'Only locked extras of Slipway are installed. A model cannot request other packages.';
  if (!system || (!detail && state.model)) {
    return (
      <Screen title="Which dependencies?" lead={lead}>
        <RowsSkeleton rows={3} height={72} />
      </Screen>
    );
  }
  const groups = groupDependencies(system, detail?.needs ?? [], state.extras);
  const toggle = (row: DependencyRow, isWanted: boolean) =>
    dispatch({ type: 'setExtra', name: row.name, isWanted });
  return (
    <Screen title="Which dependencies?" lead={lead} aside={<DependencyAside groups={groups} />}>
      <div className={classes.groups}>
        <DependencyGroup
          title="Missing"
          text="Required by the model, but no extra provides it."
          rows={groups.missing}
          tone="bad"
        />
        <DependencyGroup
          title="Will install"
          text="Installed in an environment of this model only; nothing else on this machine changes."
          rows={groups.install}
          tone="accent"
          onToggle={toggle}
        />
        <DependencyGroup
          title="Present"
          text="Already installed."
          rows={groups.present}
          tone="ok"
        />
        <DependencyGroup
          title="Optional extras"
          text="Not required by this model."
          rows={groups.optional}
          tone="idle"
          onToggle={toggle}
        />
        <Consents />
      </div>
    </Screen>
  );
}
