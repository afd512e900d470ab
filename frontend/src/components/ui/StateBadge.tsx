import type { Deployment } from '@/api/types';
import { cx } from './cx';
import classes from './StateBadge.module.css';
import { type Icon, stateView, type Tone } from './states';
import { toneClass } from './tones';

interface BadgeProps {
  label: string;
  tone: Tone;
  icon: Icon;
  isTurning?: boolean | undefined;
  variant?: 'pill' | 'plain';
}

/** Icon, word and colour: a state is never one of them alone. */
export function ToneBadge({ label, tone, icon: Icon, isTurning, variant = 'pill' }: BadgeProps) {
  return (
    <span className={cx(classes.badge, classes[variant], toneClass(tone))}>
      <Icon
        size={variant === 'pill' ? 14 : 16}
        stroke={1.75}
        aria-hidden
        className={isTurning ? (classes.turning ?? '') : ''}
      />
      {label}
    </span>
  );
}

interface Props {
  deployment: Pick<Deployment, 'state' | 'progress'>;
  /** The list says the step ("Downloading") where a page says "Starting". */
  variant?: 'pill' | 'plain';
}

export function StateBadge({ deployment, variant = 'pill' }: Props) {
  const view = stateView(deployment, variant === 'plain');
  return (
    <ToneBadge
      label={view.label}
      tone={view.tone}
      icon={view.icon}
      isTurning={view.isTurning}
      variant={variant}
    />
  );
}
