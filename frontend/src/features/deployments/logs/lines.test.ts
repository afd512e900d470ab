import { expect, test } from 'vitest';
import { appended, EMPTY, matching, pieces } from './lines';

const log = (text: string) => appended(EMPTY, text);

test('keeps the beginning of a line until its end comes', () => {
  const half = log('one\ntw');
  expect(half.lines.map(({ text }) => text)).toEqual(['one']);
  expect(appended(half, 'o\n').lines.map(({ text }) => text)).toEqual(['one', 'two']);
});

test('takes the colours of terminals out and marks trouble', () => {
  const { lines } = log('\u001b[31mERROR\u001b[0m no memory\nWARNING slow\nall well\r\n');
  expect(lines).toMatchObject([
    { text: 'ERROR no memory', tone: 'bad' },
    { text: 'WARNING slow', tone: 'warn' },
    { text: 'all well', tone: 'plain' },
  ]);
});

test('keeps the newest lines and never numbers two alike', () => {
  const { lines, next } = log(Array.from({ length: 6000 }, (_, i) => `${i}\n`).join(''));
  expect(lines).toHaveLength(2000);
  expect(lines[0]?.text).toBe('4000');
  expect(next).toBe(6001);
});

test('finds words whatever their case, and shows where', () => {
  const { lines } = log('GET /predict 200\nGET /health 200\n');
  expect(matching(lines, ' PREDICT ')).toHaveLength(1);
  expect(matching(lines, '')).toHaveLength(2);
  expect(pieces('a (x) b (X)', '(x)')).toEqual(['a ', '(x)', ' b ', '(X)', '']);
});
