import { expect, test } from 'vitest';
import {
  cosine,
  labelText,
  readEntities,
  readFills,
  readLabels,
  readVectors,
  spansOf,
} from './responses';

test('reads labels nested or flat, best first', () => {
  const [a, b] = [
    { label: 'a', score: 0.2 },
    { label: 'b', score: 0.8 },
  ];
  expect(readLabels([[a, b]])).toEqual([b, a]);
  expect(readLabels([a, b])).toEqual([b, a]);
});

test('refuses what has another shape, so that the raw view is shown instead', () => {
  expect(readLabels({ error: 'x' })).toBeNull();
  expect(readLabels([{ label: 'a' }])).toBeNull();
  expect(readVectors([[1, 'x']])).toBeNull();
  expect(readEntities('text')).toBeNull();
});

test('cuts a text at its entities by characters, with an emoji before them', () => {
  const entities = readEntities([
    { entity_group: 'PER', score: 0.9, word: 'Maria', start: 2, end: 7 },
  ]);
  expect(spansOf('😀 Maria left', entities ?? []).map(({ text }) => text)).toEqual([
    '😀 ',
    'Maria',
    ' left',
  ]);
});

test('an entity that lies inside another one does not repeat the text', () => {
  const made = (start: number, end: number) => ({ label: 'X', score: 1, word: '', start, end });
  const spans = spansOf('abcdef', [made(0, 4), made(1, 2), made(4, 6)]);
  expect(spans.map(({ text }) => text).join('')).toBe('abcdef');
});

test('groups the words of several gaps', () => {
  const word = (token_str: string) => ({ token_str, score: 0.5, token: 1, sequence: 's' });
  expect(readFills([word(' good')])).toHaveLength(1);
  expect(readFills([[word('a')], [word('b')]])?.map((gap) => gap[0]?.word)).toEqual(['a', 'b']);
});

test('measures how alike two vectors are', () => {
  expect(cosine([1, 0], [2, 0])).toBe(1);
  expect(cosine([1, 0], [0, 3])).toBe(0);
  expect(cosine([0, 0], [1, 1])).toBe(0);
});

test('writes shouted labels quietly', () => {
  expect(labelText('POSITIVE')).toBe('Positive');
  expect(labelText('PER')).toBe('PER');
  expect(labelText('tabby cat')).toBe('tabby cat');
});
