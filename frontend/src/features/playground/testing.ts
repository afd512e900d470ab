import type { Task } from '@/api/types';

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
