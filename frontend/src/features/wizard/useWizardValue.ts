import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo, useReducer } from 'react';
import { asProblem } from '@/api/problem';
import { useDeployments, useModel, usePreflight, useSystem } from '@/api/queries';
import type { Wizard } from './context';
import { suggestName } from './names';
import { keep, restore } from './persist';
import { type ChosenModel, reduce, toBody, type WizardState } from './state';

const CHECK_AFTER_MS = 350;

/** A deep link names its model; what was kept for another model then starts over. */
export function startWith(linked: ChosenModel | null, kept: WizardState): WizardState {
  return linked === null ? kept : reduce(kept, { type: 'choose', model: linked });
}

type Parts = Omit<Wizard, 'isExpert' | 'goTo'>;

export function useWizardValue(linked: ChosenModel | null): Parts {
  const [state, dispatch] = useReducer(reduce, null, () => startWith(linked, restore()));
  useEffect(() => keep(state), [state]);

  const system = useSystem().data;
  const deployments = useDeployments().data;
  const { model } = state;
  const found = useModel(model?.source ?? null, model?.id ?? null, model?.revision);
  const taken = useMemo(() => new Set(deployments?.map((one) => one.name)), [deployments]);
  const suggested = useMemo(() => (model ? suggestName(model.id, taken) : null), [model, taken]);
  const commit = found.data?.commit ?? null;
  const body = useMemo(() => toBody(state, suggested, commit), [state, suggested, commit]);

  const [settled] = useDebouncedValue(body, CHECK_AFTER_MS);
  const check = usePreflight(settled);
  return {
    state,
    dispatch,
    detail: found.isPlaceholderData ? undefined : found.data,
    detailProblem: found.error ? asProblem(found.error) : null,
    system,
    deployments: deployments ?? [],
    name: state.name ?? suggested,
    body,
    preflight: check.error ? undefined : check.data,
    preflightProblem: check.error ? asProblem(check.error) : null,
    isChecking: check.isFetching || settled !== body,
  };
}
