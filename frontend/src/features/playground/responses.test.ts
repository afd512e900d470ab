import { expect, test } from 'vitest';
import {
  cosine,
  labelText,
  lateInteraction,
  readEntities,
  readFills,
  readLabels,
  readTokenVectors,
  readVectors,
  spansOf,
} from './responses';

test('reads nested or flat labels, sorted by score', () => {
  const [a, b] = [
    { label: 'a', score: 0.2 },
    { label: 'b', score: 0.8 },
  ];
  expect(readLabels([[a, b]])).toEqual([b, a]);
  expect(readLabels([a, b])).toEqual([b, a]);
});

test('rejects other formats, so that the raw view is shown', () => {
  expect(readLabels({ error: 'x' })).toBeNull();
  expect(readLabels([{ label: 'a' }])).toBeNull();
  expect(readVectors([[1, 'x']])).toBeNull();
  expect(readEntities('text')).toBeNull();
});

test('splits text at entities by characters, also after an emoji', () => {
  const entities = readEntities([
    { entity_group: 'PER', score: 0.9, word: 'Maria', start: 2, end: 7 },
  ]);
  expect(spansOf('😀 Maria left', entities ?? []).map(({ text }) => text)).toEqual([
    '😀 ',
    'Maria',
    ' left',
  ]);
});

test('a nested entity does not repeat the text', () => {
  const made = (start: number, end: number) => ({ label: 'X', score: 1, word: '', start, end });
  const spans = spansOf('abcdef', [made(0, 4), made(1, 2), made(4, 6)]);
  expect(spans.map(({ text }) => text).join('')).toBe('abcdef');
});

test('groups predictions of several masks', () => {
  const word = (token_str: string) => ({ token_str, score: 0.5, token: 1, sequence: 's' });
  expect(readFills([word(' good')])).toHaveLength(1);
  expect(readFills([[word('a')], [word('b')]])?.map((gap) => gap[0]?.word)).toEqual(['a', 'b']);
});

test('computes cosine similarity of two embeddings', () => {
  expect(cosine([1, 0], [2, 0])).toBe(1);
  expect(cosine([1, 0], [0, 3])).toBe(0);
  expect(cosine([0, 0], [1, 1])).toBe(0);
});

test('shows uppercase labels in sentence case and keeps acronyms', () => {
  expect(labelText('POSITIVE')).toBe('Positive');
  expect(labelText('PER')).toBe('PER');
  expect(labelText('tabby cat')).toBe('tabby cat');
});

test('token embeddings are compared by the best match of each token', () => {
  const [one, other] = readTokenVectors([
    [
      [1, 0],
      [0, 1],
    ],
    [[0, 2]],
  ]) as [number[][], number[][]];
  expect(lateInteraction(one, other)).toBeCloseTo(0.5);
  expect(lateInteraction(other, one)).toBeCloseTo(1);
  expect(lateInteraction(one, [])).toBe(0);
  expect(readTokenVectors([[1, 2]])).toBeNull();
});
