import { Button } from '@mantine/core';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { useWizard } from '../context';
import { previousScreen, SCREEN_LABEL, type Screen } from '../state';
import type { Deploy } from '../useDeploy';
import { FitLine } from './FitLine';
import classes from './WizardFooter.module.css';

/** Back on the left, one primary on the right; above them, in narrow layouts, the fit in one line. */
export function WizardFooter({ screen, deploy }: { screen: Screen | null; deploy: Deploy }) {
  const { goTo } = useWizard();
  const back = screen ? previousScreen(screen) : null;
  const isLast = screen === null || screen === 'review';
  return (
    <footer className={classes.footer}>
      {screen === 'review' ? null : <FitLine className={classes.fit} />}
      <div className={classes.inner}>
        {back ? (
          <Button
            variant="default"
            leftSection={<IconArrowLeft size={14} stroke={1.75} aria-hidden />}
            onClick={() => goTo(back)}
          >
            {SCREEN_LABEL[back]}
          </Button>
        ) : null}
        <div className={classes.right}>{isLast ? <DeployNow deploy={deploy} /> : <Continue />}</div>
      </div>
    </footer>
  );
}

function Continue() {
  const { state } = useWizard();
  return (
    <>
      <span className={classes.hint}>Enter to continue</span>
      <Button
        type="submit"
        disabled={state.model === null}
        rightSection={<IconArrowRight size={14} stroke={1.75} aria-hidden />}
      >
        Continue
      </Button>
    </>
  );
}

function DeployNow({ deploy }: { deploy: Deploy }) {
  const { name, preflight, isChecking, body } = useWizard();
  const isBlocked = preflight?.verdict === 'block' && !isChecking;
  const hint = isBlocked
    ? 'Resolve the problems above before you deploy.'
    : 'You can cancel at any time; partial results are deleted.';
  return (
    <>
      <span className={classes.hint}>
        {deploy.problem ? <span className={classes.bad}>{deploy.problem.detail}</span> : hint}
      </span>
      <Button
        type="submit"
        loading={deploy.isSending}
        disabled={body === null || isBlocked}
        className={classes.deploy}
      >
        Deploy {name}
      </Button>
    </>
  );
}
