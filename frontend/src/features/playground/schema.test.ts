import { expect, test } from 'vitest';
import { bodyOf, type Field, fieldsOf, withValue } from './schema';
import { textGeneration, wholeAtRoot } from './testing';

const named = (fields: Field[], name: string): Field | undefined =>
  fields.find((field) => field.name === name);

test('reads bounds, types and defaults from the schema', () => {
  const fields = fieldsOf(textGeneration.request);
  expect(named(fields, 'max_new_tokens')).toMatchObject({
    kind: 'number',
    isInteger: true,
    min: 1,
    max: 1_000_000,
    initial: null,
  });
  expect(named(fields, 'top_p')).toMatchObject({ min: 0.01, max: 0.99, isInteger: false });
  expect(named(fields, 'do_sample')).toMatchObject({ kind: 'boolean', initial: false });
  expect(named(fields, 'stop')).toMatchObject({ kind: 'texts', initial: [] });
  expect(named(fields, 'mode')).toMatchObject({ kind: 'enum', options: ['fast', 'exact'] });
});

test('omits constants, the inputs and the stream flag', () => {
  const names = fieldsOf(textGeneration.request).map(({ name }) => name);
  expect(names).not.toContain('best_of');
  expect(names).not.toContain('watermark');
  expect(names).not.toContain('inputs');
  expect(names).not.toContain('stream');
});

test('puts parameters at the root if the task defines them there', () => {
  expect(fieldsOf(wholeAtRoot).map(({ name }) => name)).toEqual(['normalize']);
  expect(bodyOf(wholeAtRoot, ['a'], { normalize: true })).toEqual({
    inputs: ['a'],
    normalize: true,
  });
  expect(bodyOf(textGeneration.request, 'a', { seed: 1 })).toEqual({
    inputs: 'a',
    parameters: { seed: 1 },
  });
});

test('sends only what differs from the default', () => {
  const fields = fieldsOf(textGeneration.request);
  const sample = named(fields, 'do_sample') as Field;
  const chosen = withValue({}, sample, true);
  expect(chosen).toEqual({ do_sample: true });
  expect(withValue(chosen, sample, false)).toEqual({});
  expect(bodyOf(textGeneration.request, 'a', {})).toEqual({ inputs: 'a' });
});

test('returns no fields for a task without a schema', () => {
  expect(fieldsOf(null)).toEqual([]);
});
