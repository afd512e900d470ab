import { expect, test } from 'vitest';
import { appended, EMPTY, matching, pieces } from './lines';

const log = (text: string) => appended(EMPTY, text);

test('buffers an incomplete line', () => {
  const half = log('one\ntw');
  expect(half.lines.map(({ text }) => text)).toEqual(['one']);
  expect(appended(half, 'o\n').lines.map(({ text }) => text)).toEqual(['one', 'two']);
});

test('strips ANSI colours and marks warnings and errors', () => {
  const { lines } = log('\u001b[31mERROR\u001b[0m no memory\nWARNING slow\nall well\r\n');
  expect(lines).toMatchObject([
    { text: 'ERROR no memory', tone: 'bad' },
    { text: 'WARNING slow', tone: 'warn' },
    { text: 'all well', tone: 'plain' },
  ]);
});

test('keeps the newest lines with unique numbers', () => {
  const { lines, next } = log(Array.from({ length: 6000 }, (_, i) => `${i}\n`).join(''));
  expect(lines).toHaveLength(2000);
  expect(lines[0]?.text).toBe('4000');
  expect(next).toBe(6001);
});

test('search ignores case and returns match positions', () => {
  const { lines } = log('GET /predict 200\nGET /health 200\n');
  expect(matching(lines, ' PREDICT ')).toHaveLength(1);
  expect(matching(lines, '')).toHaveLength(2);
  expect(pieces('a (x) b (X)', '(x)')).toEqual(['a ', '(x)', ' b ', '(X)', '']);
});
