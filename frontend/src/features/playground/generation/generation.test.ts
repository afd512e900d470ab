import { expect, test } from 'vitest';
import { BEGUN, factsOf, type Generation, rateOf, received, timingOf } from './generation';

const token = (text: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    index: 0,
    token: { id: 1, text, special: false },
    generated_text: null,
    ...more,
  });

const after = (events: readonly (readonly [string, number])[]): Generation =>
  events.reduce((made, [data, ms]) => received(made, data, ms), BEGUN);

test('joins the tokens and uses the full text of the last event', () => {
  const made = after([
    [token(' Hel'), 300],
    [token('lo'), 400],
    [token('', { generated_text: ' Hello.' }), 500],
  ]);
  expect(made.text).toBe(' Hello.');
  expect(made.tokens).toBe(3);
  expect(made.firstMs).toBe(300);
});

test('does not show special tokens', () => {
  const special = JSON.stringify({ token: { text: '</s>', special: true }, generated_text: null });
  expect(
    after([
      [token('a'), 1],
      [special, 2],
    ]).text,
  ).toBe('a');
});

test('computes tokens per second from the first token', () => {
  const made = after([
    [token('a'), 1000],
    [token('b'), 1100],
    [token('c'), 1200],
  ]);
  expect(rateOf(made)).toBe(10);
  expect(timingOf(made)?.parts).toEqual([
    { name: 'prompt', ms: 1000 },
    { name: 'tokens', ms: 200 },
  ]);
});

test('a failure during the stream keeps the text so far', () => {
  const made = after([
    [token('a'), 1],
    [JSON.stringify({ error: 'The model failed.', error_type: 'generation' }), 2],
  ]);
  expect(made).toMatchObject({ end: 'failed', text: 'a' });
  expect(made.problem?.detail).toBe('The model failed.');
});

test('reports that the token limit was reached', () => {
  const made: Generation = { ...after([[token('a'), 1000]]), end: 'whole' };
  expect(factsOf(made, 1)).toBe('1 token · first after 1.00 s · stopped at the token limit');
  expect(factsOf({ ...made, end: 'stopped' }, 1)).toContain('stopped');
});

test('keeps the last lines only', () => {
  const made = after(Array.from({ length: 300 }, (_, i) => [token(String(i)), i] as const));
  expect(made.lines).toHaveLength(200);
  expect(made.lines.at(-1)).toBe(token('299'));
});

test('skips unknown events', () => {
  expect(
    after([
      ['[DONE]', 1],
      ['{', 2],
      ['{}', 3],
    ]).tokens,
  ).toBe(0);
});
