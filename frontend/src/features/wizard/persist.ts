import { initialState, type WizardState } from './state';

const KEY = 'slipway-wizard';

/** The wizard's state for this tab, so that a reload loses nothing. Never a token: it is not part of it. */
export function restore(): WizardState {
  try {
    const stored = sessionStorage.getItem(KEY);
    if (stored === null) return initialState;
    const found = JSON.parse(stored) as Partial<WizardState>;
    return { ...initialState, ...found };
  } catch {
    return initialState;
  }
}

export function keep(state: WizardState): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // Without storage only a reload starts over.
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept then.
  }
}
