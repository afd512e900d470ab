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
  const lead = 'Only our own locked extras are installed; a model never names packages itself.';
  if (!system || (!detail && state.model)) {
    return (
      <Screen title="What does it need?" lead={lead}>
        <RowsSkeleton rows={3} height={72} />
      </Screen>
    );
  }
  const groups = groupDependencies(system, detail?.needs ?? [], state.extras);
  const toggle = (row: DependencyRow, isWanted: boolean) =>
    dispatch({ type: 'setExtra', name: row.name, isWanted });
  return (
    <Screen title="What does it need?" lead={lead} aside={<DependencyAside groups={groups} />}>
      <div className={classes.groups}>
        <DependencyGroup
          title="Missing"
          text="The model needs it and no extra of ours brings it."
          rows={groups.missing}
          tone="bad"
        />
        <DependencyGroup
          title="Will install"
          text="Into this model's own environment; nothing else on this machine changes."
          rows={groups.install}
          tone="accent"
          onToggle={toggle}
        />
        <DependencyGroup
          title="Present"
          text="Installed already."
          rows={groups.present}
          tone="ok"
        />
        <DependencyGroup
          title="Extras one may add"
          text="Not needed by this model."
          rows={groups.optional}
          tone="idle"
          onToggle={toggle}
        />
        <Consents />
      </div>
    </Screen>
  );
}
