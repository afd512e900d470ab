import { useState } from 'react';
import type { Exchange } from './call';
import { type Earlier, useHistory } from './history';
import { curlOf, jsonRequest } from './requests';
import { bodyOf } from './schema';
import { useParameters } from './useParameters';
import { useRun } from './useRun';
import { useTarget } from './useTarget';
import type { ViewProps } from './viewProps';
import { rawOf } from './Workspace';

type Told = Pick<Earlier, 'answer' | 'figure'>;

/** The text of the task's own example. */
export function exampleText(example: unknown): string {
  const inputs = (example as { inputs?: unknown } | null)?.inputs;
  return typeof inputs === 'string' ? inputs : '';
}

/** All that a view of one text has in common: input, parameters, run, memory, and the raw side. */
export function useTextForm(
  { deployment, task }: ViewProps,
  tell: (exchange: Exchange) => Told | null,
) {
  const [text, setText] = useState(() => exampleText(task.example));
  const parameters = useParameters(task);
  const run = useRun<string>(deployment.id);
  const history = useHistory(deployment.id);
  const target = useTarget(deployment, task);
  const requestOf = (inputs: string) =>
    jsonRequest(bodyOf(task.request, inputs, parameters.values));

  const go = async (inputs: string = text) => {
    if (inputs.trim() === '') return;
    setText(inputs);
    const exchange = await run.start(requestOf(inputs), inputs);
    const told = exchange && exchange.problem === null ? tell(exchange) : null;
    if (exchange && told) {
      const ms = exchange.timing?.totalMs ?? exchange.roundTripMs;
      history.add({ input: inputs, ms, ...told });
    }
  };

  const preview = requestOf(text);
  return {
    text,
    setText,
    parameters,
    run,
    history,
    go,
    form: {
      timing: run.exchange?.timing ?? null,
      isRunning: false,
      response: rawOf(run.exchange),
      request: preview.shown,
      curl: curlOf(preview, target),
    },
  };
}

/** "74 characters, up to 512 tokens": the length that counts is in tokens, and only the server has them. */
export function lengthNote(text: string, limit: number | null | undefined): string {
  const count = `${text.length.toLocaleString('en')} characters`;
  return limit ? `${count}, up to ${limit.toLocaleString('en')} tokens` : count;
}
