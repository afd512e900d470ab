import { expect, test } from 'vitest';
import { type Language, tokenize } from './highlight';

const kinds = (code: string, language: Language) =>
  tokenize(code, language)
    .filter((token) => token.kind !== 'plain')
    .map(({ kind, text }) => [kind, text]);

test('json distinguishes keys, strings and numbers', () => {
  expect(kinds('{"label": "A \\"b\\"", "score": -0.5e3, "ok": true}', 'json')).toEqual([
    ['key', '"label"'],
    ['string', '"A \\"b\\""'],
    ['key', '"score"'],
    ['number', '-0.5e3'],
    ['key', '"ok"'],
    ['number', 'true'],
  ]);
});

test('a shell string can span lines, such as the body of a curl command', () => {
  expect(kinds('curl http://x \\\n  -d \'{\n"a": 1}\'', 'bash')).toEqual([
    ['string', '\'{\n"a": 1}\''],
  ]);
});

test.each(['json', 'bash', 'python', 'javascript', 'text'] as const)(
  '%s keeps every character of any input',
  (language) => {
    const code = 'x = "unfinished\n# note\n`t` 12 \'q\' {"a": [1, 2.5]} <b>&amp;</b>';
    expect(
      tokenize(code, language)
        .map((token) => token.text)
        .join(''),
    ).toBe(code);
  },
);
