import { ActionIcon, Switch, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Wordmark } from '@/components/ui/Wordmark';
import { useWizard } from '../context';
import { linkTo } from '../links';
import { SCREEN_LABEL, SCREENS, type Screen } from '../state';
import classes from './WizardHeader.module.css';

interface Props {
  /** Null in expert mode, where all screens are one page. */
  screen: Screen | null;
  onExpert: (isOn: boolean) => void;
}

export function WizardHeader({ screen, onExpert }: Props) {
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        <Wordmark />
        {screen === null ? (
          <span className={classes.expert}>All settings on one page</span>
        ) : (
          <Steps screen={screen} />
        )}
        <div className={classes.right}>
          <Switch
            label="Expert"
            aria-label="Expert: all settings on one page"
            labelPosition="left"
            checked={screen === null}
            onChange={(event) => onExpert(event.currentTarget.checked)}
          />
          <ActionIcon component={Link} to="/" size={36} aria-label="Close the wizard" title="Close">
            <IconX size={20} stroke={1.75} aria-hidden />
          </ActionIcon>
        </div>
      </div>
    </header>
  );
}

function Steps({ screen }: { screen: Screen }) {
  const { state } = useWizard();
  const at = SCREENS.indexOf(screen);
  return (
    <nav aria-label="Steps" className={classes.nav}>
      <p className={classes.short}>
        <strong>
          Step {at + 1} of {SCREENS.length}
        </strong>{' '}
        {SCREEN_LABEL[screen]}
      </p>
      <ol className={classes.steps}>
        {SCREENS.map((one, index) => (
          <li key={one} aria-current={one === screen ? 'step' : undefined}>
            <Step
              screen={one}
              number={index + 1}
              isDone={state.done.includes(one) && one !== screen}
              to={one !== screen && (state.model || index < at) ? linkTo(one, state.model) : null}
            />
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface StepProps {
  screen: Screen;
  number: number;
  isDone: boolean;
  /** Null where one is, and where one can't go yet. */
  to: string | null;
}

function Step({ screen, number, isDone, to }: StepProps) {
  const label = (
    <>
      <span className={classes.number} data-done={isDone || undefined} aria-hidden>
        {isDone ? <IconCheck size={14} stroke={2} /> : number}
      </span>
      {SCREEN_LABEL[screen]}
      {isDone ? <VisuallyHidden>, done</VisuallyHidden> : null}
    </>
  );
  if (to === null) return <span className={classes.step}>{label}</span>;
  return (
    <Link to={to} className={classes.step ?? ''}>
      {label}
    </Link>
  );
}
