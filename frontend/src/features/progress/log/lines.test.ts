import { expect, test } from 'vitest';
import { appendText, EMPTY_LOG, MOST_LINES, parseLine } from './lines';

const at = (second: number, text: string) =>
  `2026-01-02T10:00:${String(second).padStart(2, '0')}.120+00:00 ${text}\n`;

test('attempt log lines lose date and padding, server log lines stay unchanged', () => {
  const { text, time } = parseLine('2026-01-02T10:00:07.120+00:00 download     8 files', 0);
  expect(text).toBe('download: 8 files');
  expect(time).toMatch(/^\d\d:00:07$/);
  const longest = parseLine('2026-01-02T10:00:07.120+00:00 dependencies nothing to install', 0);
  expect(longest.text).toBe('dependencies: nothing to install');
  const said = parseLine('2026-01-02 10:00:07,120 ERROR load-failed: no', 0);
  expect(said).toMatchObject({ time: '10:00:07', text: 'ERROR load-failed: no', tone: 'bad' });
  expect(parseLine('  File "x.py", line 3', 1)).toMatchObject({
    text: '  File "x.py", line 3',
    time: null,
  });
});

test('a line received in two parts is one line', () => {
  const first = appendText(EMPTY_LOG, at(1, 'validate     look').trimEnd());
  expect(first.lines).toHaveLength(0);
  expect(appendText(first, 'ing\n').lines.map(({ text }) => text)).toEqual(['validate: looking']);
});

test('only the last progress line of each ten seconds is shown', () => {
  const meter = (second: number, done: number) =>
    at(second, `download     model.safetensors ${done} of 268 MB, 41 MB/s`);
  const text = [1, 2, 3, 11, 12].map((second) => meter(second, second)).join('');
  const { lines, next } = appendText(EMPTY_LOG, text + at(13, 'download     done'));
  expect(lines.map((line) => line.text)).toEqual([
    'download: model.safetensors 3 of 268 MB, 41 MB/s',
    'download: model.safetensors 12 of 268 MB, 41 MB/s',
    'download: done',
  ]);
  expect(next).toBe(6);
});

test('errors, warnings and successes have their own styles', () => {
  const tones = [
    'Traceback (most recent call last):',
    'The Hub stopped sending x',
    'ready',
    'a',
  ].map((text) => parseLine(text, 0).tone);
  expect(tones).toEqual(['bad', 'warn', 'good', 'plain']);
});

test('the page keeps the end of a long log', () => {
  const text = Array.from({ length: MOST_LINES + 50 }, (_, n) => `line ${n}\n`).join('');
  const { lines } = appendText(EMPTY_LOG, text);
  expect(lines).toHaveLength(MOST_LINES);
  expect(lines.at(-1)).toMatchObject({ text: `line ${MOST_LINES + 49}`, n: MOST_LINES + 49 });
});
