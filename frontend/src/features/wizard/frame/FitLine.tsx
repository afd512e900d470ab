import { cx } from '@/components/ui/cx';
import { FitBadge } from '@/components/ui/FitBadge';
import { splitModelId } from '@/lib/format';
import { useWizard } from '../context';
import classes from './FitLine.module.css';

/** The aside of narrow layouts: which model, and whether it fits. */
export function FitLine({ className }: { className?: string | undefined }) {
  const { state, detail } = useWizard();
  if (state.model === null) return null;
  return (
    <div className={cx(classes.line, className)}>
      <span className={classes.name}>{splitModelId(state.model.id).name}</span>
      {detail ? <FitBadge fit={detail.fit} /> : null}
    </div>
  );
}
