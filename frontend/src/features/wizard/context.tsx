import { createContext, type Dispatch, useContext } from 'react';
import type {
  Deployment,
  DeploymentBody,
  ModelDetail,
  Preflight,
  Problem,
  System,
} from '@/api/types';
import type { Screen, WizardAction, WizardState } from './state';

/** Everything a screen may need; made once in DeploymentWizard. */
export interface Wizard {
  state: WizardState;
  dispatch: Dispatch<WizardAction>;
  /** All screens on one page: headings go down one level, asides give way. */
  isExpert: boolean;
  goTo: (screen: Screen) => void;
  /** The chosen model in full; the problem if it can't be had. */
  detail: ModelDetail | undefined;
  detailProblem: Problem | null;
  system: System | undefined;
  deployments: readonly Deployment[];
  name: string | null;
  /** What Deploy sends, preflight judges and the curl shows. */
  body: DeploymentBody | null;
  preflight: Preflight | undefined;
  preflightProblem: Problem | null;
  isChecking: boolean;
}

const Context = createContext<Wizard | null>(null);

export const WizardProvider = Context.Provider;

export function useWizard(): Wizard {
  const wizard = useContext(Context);
  if (wizard === null) throw new Error('useWizard is for the screens of the wizard');
  return wizard;
}
