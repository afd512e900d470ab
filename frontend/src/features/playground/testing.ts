import { HttpResponse, http } from 'msw';
import { createElement } from 'react';
import type { Task } from '@/api/types';
import { deployment, system } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { Playground } from './Playground';

/** Task rows as the control plane answers them, shortened; for the tests of this feature. */

const orNull = (schema: Record<string, unknown>, description = '') => ({
  anyOf: [schema, { type: 'null' }],
  default: null,
  description,
});

const withParameters = (properties: Record<string, unknown>) => ({
  $defs: { Parameters: { type: 'object', properties } },
  properties: {
    inputs: { type: 'string' },
    parameters: { $ref: '#/$defs/Parameters', default: {}, description: 'All optional.' },
  },
  required: ['inputs'],
  type: 'object',
});

export const task = (name: string, changes: Partial<Task> = {}): Task => ({
  name,
  title: name,
  summary: null,
  modality: 'nlp',
  input: 'json',
  output: 'json',
  aliases: [],
  request: withParameters({
    top_k: orNull({ type: 'integer', minimum: 1, maximum: 100_000 }, 'Best labels to return.'),
    truncation: { type: 'boolean', default: false, description: 'Cut a text that is too long.' },
  }),
  response: null,
  example: { inputs: 'Daniel found the bakery brilliant.' },
  example_content_type: 'application/json',
  can_stream: false,
  served: true,
  reason: null,
  ...changes,
});

export const textGeneration = task('text-generation', {
  can_stream: true,
  example: { inputs: 'Once upon a time', parameters: { max_new_tokens: 16 } },
  request: {
    ...withParameters({
      max_new_tokens: orNull({ type: 'integer', minimum: 1, maximum: 1_000_000 }),
      do_sample: { type: 'boolean', default: false },
      temperature: orNull({ type: 'number', exclusiveMinimum: 0, maximum: 100 }),
      top_p: orNull({ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }),
      seed: orNull({ type: 'integer', minimum: 0 }, 'Makes sampling repeatable.'),
      stop: { type: 'array', items: { type: 'string' }, default: [] },
      mode: orNull({ type: 'string', enum: ['fast', 'exact'] }),
      best_of: orNull({ type: 'integer', const: 1 }),
      watermark: orNull({ type: 'boolean', const: false }),
    }),
  },
});

export const wholeAtRoot: Record<string, unknown> = {
  properties: {
    inputs: { type: 'string' },
    normalize: orNull({ type: 'boolean' }),
  },
};

/** One pixel. */
export const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const PREDICT = '*/deployments/*/proxy/predict';

interface Asked {
  body: string;
  url: URL;
  type: string | null;
}

/** What was sent since `forget`. */
export const asked: Asked[] = [];
export const forget = (): void => {
  asked.length = 0;
};

const TIMED = { 'server-timing': 'queue;dur=0.4, infer;dur=10.8, total;dur=11.5' };

/** The model server's answer. */
export const answer = (value: unknown, init: ResponseInit = {}) =>
  http.post(PREDICT, async ({ request }) => {
    asked.push({
      body: await request.text(),
      url: new URL(request.url),
      type: request.headers.get('content-type'),
    });
    return HttpResponse.json(value as Record<string, unknown>, {
      headers: TIMED,
      ...init,
    });
  });

/** An answer that is a file. */
export const answerFile = (text: string, type: string) =>
  http.post(PREDICT, () => new HttpResponse(text, { headers: { ...TIMED, 'content-type': type } }));

/** The playground of a deployment of this task. */
export function open(row: Task, info: unknown, ...handlers: ReturnType<typeof http.post>[]) {
  const made = deployment();
  const model = { ...(made.model as NonNullable<typeof made.model>), task: row.name };
  server.use(
    http.get('*/api/v1/deployments/a', () => HttpResponse.json({ ...made, model })),
    http.get('*/api/v1/tasks', () => HttpResponse.json([row])),
    http.get('*/api/v1/system', () => HttpResponse.json(system())),
    http.get('*/proxy/info', () => HttpResponse.json({ model: info })),
    ...handlers,
  );
  return renderAt(createElement(Playground), { at: '/test/a', path: '/test/:id' });
}
