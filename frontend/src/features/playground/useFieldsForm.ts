import { useState } from 'react';
import { packed, preview } from './files';
import { curlOf } from './requests';
import { bodyOf, type Values } from './schema';
import { asDecode } from './timing';
import { useParameters } from './useParameters';
import { useRun } from './useRun';
import { useTarget } from './useTarget';
import type { ViewProps } from './viewProps';
import { rawOf } from './Workspace';

/** What is asked: the body's `inputs`, and parameters that are fields of their own here. */
export interface Question {
  inputs: unknown;
  parameters?: Values;
}

/** All that a view of several fields has in common. `ask` gives null while something is missing. */
export function useFieldsForm<F extends object>(
  { deployment, task }: ViewProps,
  initial: F,
  ask: (fields: F) => Question | null,
) {
  const [fields, setFields] = useState(initial);
  const parameters = useParameters(task);
  const run = useRun<F>(deployment.id);
  const target = useTarget(deployment, task);

  const requestOf = (now: F): unknown => {
    const question = ask(now);
    if (question === null) return null;
    return bodyOf(task.request, question.inputs, { ...parameters.values, ...question.parameters });
  };
  const go = async (changes: Partial<F> = {}) => {
    const next = { ...fields, ...changes };
    setFields(next);
    const request = requestOf(next);
    if (request !== null) await run.start(await packed(request), next);
  };

  const request = requestOf(fields);
  const shown = request === null ? null : preview(request);
  return {
    fields,
    set: (changes: Partial<F>) => setFields((old) => ({ ...old, ...changes })),
    parameters,
    run,
    go,
    runButton: {
      isRunning: run.isRunning,
      isEmpty: request === null,
      onRun: () => void go(),
      onStop: run.stop,
    },
    form: {
      timing:
        task.modality === 'nlp'
          ? (run.exchange?.timing ?? null)
          : asDecode(run.exchange?.timing ?? null),
      isRunning: false,
      hasProblem: run.problem !== null,
      response: rawOf(run.exchange),
      request: shown?.shown ?? 'Fill in every required field.',
      curl: shown ? curlOf(shown, target) : 'Fill in every required field.',
    },
  };
}
