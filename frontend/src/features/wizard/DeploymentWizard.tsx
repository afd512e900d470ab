import { useCallback, useEffect, useMemo, useRef } from 'react';
import { Navigate, useNavigate, useParams, useSearchParams } from 'react-router';
import { useWarmUp } from '@/api/queries';
import { type Wizard, WizardProvider } from './context';
import classes from './DeploymentWizard.module.css';
import { DependencyManager } from './dependencies/DependencyManager';
import { ExpertPage } from './ExpertPage';
import { WizardFooter } from './frame/WizardFooter';
import { WizardHeader } from './frame/WizardHeader';
import { HardwareConfig } from './hardware/HardwareConfig';
import { linkedModel, linkTo } from './links';
import { ModelSelection } from './model/ModelSelection';
import { DeploymentSummary } from './review/DeploymentSummary';
import { DeploymentConfig } from './settings/DeploymentConfig';
import { nextScreen, SCREENS, type Screen, type WizardState } from './state';
import { useDeploy } from './useDeploy';
import { useEnterContinues } from './useEnterContinues';
import { useLoadedRequest } from './useLoadedRequest';
import { useWizardValue } from './useWizardValue';

const BODIES: Record<Screen, () => React.ReactNode> = {
  model: ModelSelection,
  hardware: HardwareConfig,
  dependencies: DependencyManager,
  settings: DeploymentConfig,
  review: DeploymentSummary,
};

const isScreen = (text: string | undefined): text is Screen =>
  SCREENS.some((screen) => screen === text);

/** Where one may be: a screen that needs a model sends one back to choose it. */
function misplaced(screen: string | undefined, state: WizardState, isLoading: boolean): boolean {
  if (screen === 'expert' || screen === 'model') return false;
  return !isScreen(screen) || (state.model === null && !isLoading);
}

export function DeploymentWizard() {
  useWarmUp();
  const { screen } = useParams();
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const parts = useWizardValue(linkedModel(query));
  const isLoading = useLoadedRequest(query.get('again'), parts.dispatch);
  const isExpert = screen === 'expert';
  const { state } = parts;

  const goTo = useCallback(
    (target: Screen | 'expert') => navigate(linkTo(target, state.model)),
    [navigate, state.model],
  );
  const wizard: Wizard = useMemo(() => ({ ...parts, isExpert, goTo }), [parts, isExpert, goTo]);
  const deploy = useDeploy(wizard);

  const form = useRef<HTMLFormElement>(null);
  useEnterContinues(form);
  useFocusedTitle(form, screen);

  if (misplaced(screen, state, isLoading)) return <Navigate to="/deploy/model" replace />;
  const current: Screen = isScreen(screen) ? screen : 'review';
  const Body = isExpert ? ExpertPage : BODIES[current];

  const submit = () => {
    const next = isExpert ? null : nextScreen(current);
    if (state.model === null) return;
    if (next === null) deploy.start();
    else {
      parts.dispatch({ type: 'leave', screen: current });
      goTo(next);
    }
  };

  return (
    <WizardProvider value={wizard}>
      <WizardHeader
        screen={isExpert ? null : current}
        onExpert={(on) => goTo(on ? 'expert' : 'review')}
      />
      <form
        ref={form}
        id="wizard"
        noValidate
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <main id="main" className={classes.main}>
          <Body />
        </main>
        <WizardFooter screen={isExpert ? null : current} deploy={deploy} />
      </form>
    </WizardProvider>
  );
}

/** Each screen's title takes the focus, except where the search field wants it. */
function useFocusedTitle(
  form: React.RefObject<HTMLFormElement | null>,
  screen: string | undefined,
) {
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the screen's change is the event
  useEffect(() => {
    window.scrollTo(0, 0);
    const target = form.current?.querySelector<HTMLElement>('[data-first-focus]') ?? null;
    if (target) target.focus({ preventScroll: true });
    else if (!first.current || screen !== 'model') form.current?.querySelector('h1')?.focus();
    first.current = false;
  }, [screen]);
}
