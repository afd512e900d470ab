/** The wizard's whole behaviour without a view: what can happen, and what it makes of the request. */
import type {
  Allow,
  CardSource,
  DeploymentBody,
  DeploymentRequest,
  Hardware,
  Modality,
  Serving,
  Source,
} from '@/api/types';
import { assertNever } from '@/lib/assertNever';
import { SCREENS, type Screen } from '@/lib/screens';

export { SCREENS, type Screen };

export const SCREEN_LABEL: Record<Screen, string> = {
  model: 'Model',
  hardware: 'Hardware',
  dependencies: 'Dependencies',
  settings: 'Settings',
  review: 'Review',
};

export interface ChosenModel {
  id: string;
  source: Source;
  revision: string;
  /** Named by the person where the model does not tell; null: told from the model. */
  task: string | null;
}

export type SizeFilter = 'small' | 'medium' | 'large';
export type LicenceFilter = 'open' | 'conditions';
export type Tab = 'all' | 'starter' | 'hub' | 'disk';

export interface Filters {
  search: string;
  tab: Tab;
  modality: Modality | null;
  task: string | null;
  size: SizeFilter | null;
  licence: LicenceFilter | null;
  onlyFits: boolean;
}

export interface WizardState {
  model: ChosenModel | null;
  /** The wizard preselected it; a new search may preselect another. */
  isSuggested: boolean;
  filters: Filters;
  hardware: Hardware;
  extras: string[];
  serving: Serving;
  allow: Allow;
  /** Null: from the model. */
  name: string | null;
  /** Screens one has left by Continue. */
  done: Screen[];
}

export const NO_FILTERS: Filters = {
  search: '',
  tab: 'all',
  modality: null,
  task: null,
  size: null,
  licence: null,
  onlyFits: false,
};

export const DEFAULT_HARDWARE: Hardware = {
  runtime: 'local',
  device: 'auto',
  dtype: 'auto',
  quantization: 'none',
  engine: 'auto',
  workers: 1,
  threads: null,
  memory_limit_gb: null,
};

export const DEFAULT_SERVING: Serving = {
  port: null,
  max_batch_size: null,
  max_queue: 256,
  idle_timeout_seconds: null,
  require_api_key: null,
  env: {},
};

const NO_RISK: Allow = { remote_code: false, pickle: false };

export const initialState: WizardState = {
  model: null,
  isSuggested: false,
  filters: NO_FILTERS,
  hardware: DEFAULT_HARDWARE,
  extras: [],
  serving: DEFAULT_SERVING,
  allow: NO_RISK,
  name: null,
  done: [],
};

export type WizardAction =
  | { type: 'filter'; changes: Partial<Filters> }
  | { type: 'suggest'; model: ChosenModel | null }
  | { type: 'choose'; model: ChosenModel }
  | { type: 'setTask'; task: string | null }
  | { type: 'setHardware'; changes: Partial<Hardware> }
  | { type: 'setExtra'; name: string; isWanted: boolean }
  | { type: 'setServing'; changes: Partial<Serving> }
  | { type: 'setAllow'; changes: Partial<Allow> }
  | { type: 'setName'; name: string | null }
  | { type: 'leave'; screen: Screen }
  | { type: 'load'; request: DeploymentRequest };

const isSame = (a: ChosenModel | null, b: ChosenModel | null): boolean =>
  a?.id === b?.id && a?.source === b?.source && a?.revision === b?.revision;

/** Consents, extras, the chosen file and the name belong to one model and do not pass on. */
function withModel(
  state: WizardState,
  model: ChosenModel | null,
  isSuggested: boolean,
): WizardState {
  if (isSame(state.model, model))
    return { ...state, isSuggested: isSuggested && state.isSuggested };
  const hardware = { ...state.hardware, quantization: DEFAULT_HARDWARE.quantization };
  return { ...state, model, isSuggested, hardware, allow: NO_RISK, extras: [], name: null };
}

export function reduce(state: WizardState, action: WizardAction): WizardState {
  switch (action.type) {
    case 'filter':
      return { ...state, filters: { ...state.filters, ...action.changes } };
    case 'suggest':
      return state.model === null || state.isSuggested
        ? withModel(state, action.model, true)
        : state;
    case 'choose':
      return withModel(state, action.model, false);
    case 'setTask':
      return state.model ? { ...state, model: { ...state.model, task: action.task } } : state;
    case 'setHardware':
      return { ...state, hardware: { ...state.hardware, ...action.changes } };
    case 'setExtra':
      return { ...state, extras: toggled(state.extras, action.name, action.isWanted) };
    case 'setServing':
      return { ...state, serving: { ...state.serving, ...action.changes } };
    case 'setAllow':
      return { ...state, allow: { ...state.allow, ...action.changes } };
    case 'setName':
      return { ...state, name: action.name };
    case 'leave':
      return { ...state, isSuggested: false, done: toggled(state.done, action.screen, true) };
    case 'load':
      return loaded(state, action.request);
    default:
      return assertNever(action);
  }
}

function toggled<T>(list: readonly T[], item: T, isIn: boolean): T[] {
  const others = list.filter((one) => one !== item);
  return isIn ? [...others, item] : others;
}

function loaded(state: WizardState, request: DeploymentRequest): WizardState {
  const { model_id: id, source, revision, task } = request;
  return {
    ...state,
    model: { id, source, revision, task },
    isSuggested: false,
    hardware: request.hardware,
    extras: request.dependencies.extras,
    serving: request.serving,
    allow: request.allow,
    // The old name is taken by the deployment itself.
    name: null,
    done: ['model', 'hardware', 'dependencies', 'settings'],
  };
}

export const cardSource = (source: CardSource): Source => (source === 'cached' ? 'hub' : source);

/** Only what differs from the defaults, so that the body stays short and readable. */
function changed<T extends object>(value: T, defaults: T): Partial<T> {
  const entries = Object.entries(value).filter(
    ([name, one]) => JSON.stringify(one) !== JSON.stringify(defaults[name as keyof T]),
  );
  return Object.fromEntries(entries) as Partial<T>;
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/** The body that Deploy sends, that preflight judges, and that the curl line shows: one and the same. */
export function toBody(
  state: WizardState,
  suggestedName: string | null,
  commit: string | null = null,
): DeploymentBody | null {
  const { model } = state;
  if (model === null) return null;
  const hardware = changed(state.hardware, DEFAULT_HARDWARE);
  const serving = changed(state.serving, DEFAULT_SERVING);
  const allow = changed(state.allow, NO_RISK);
  const name = state.name ?? suggestedName;
  // Whoever allows code or pickle has read one commit; another one is another decision.
  const revision = !isEmpty(allow) && commit ? commit : model.revision;
  return {
    ...(name ? { name } : {}),
    model_id: model.id,
    ...(model.source === 'hub' ? {} : { source: model.source }),
    ...(revision === 'main' ? {} : { revision }),
    ...(model.task ? { task: model.task } : {}),
    ...(isEmpty(hardware) ? {} : { hardware }),
    ...(state.extras.length > 0 ? { dependencies: { extras: state.extras } } : {}),
    ...(isEmpty(serving) ? {} : { serving }),
    ...(isEmpty(allow) ? {} : { allow }),
  };
}

export const nextScreen = (screen: Screen): Screen | null =>
  SCREENS[SCREENS.indexOf(screen) + 1] ?? null;
export const previousScreen = (screen: Screen): Screen | null =>
  SCREENS[SCREENS.indexOf(screen) - 1] ?? null;
