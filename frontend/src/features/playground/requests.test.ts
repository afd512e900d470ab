import { expect, test } from 'vitest';
import { curlOf, jsonRequest, mediaRequest, pretty } from './requests';

const target = { endpoint: 'http://localhost:8100/predict', needsKey: false };

test('quotes are escaped for the shell', () => {
  const line = curlOf(jsonRequest({ inputs: "it's" }), target);
  expect(line).toContain(`-d '{"inputs":"it'\\''s"}'`);
});

test('a key is referenced by variable, never printed', () => {
  const line = curlOf(jsonRequest({ inputs: 'a' }), { ...target, needsKey: true });
  expect(line).toContain('-H "Authorization: Bearer $API_KEY"');
});

test('audio output is saved to a file', () => {
  const line = curlOf(jsonRequest({ inputs: 'a' }), { ...target, saveAs: 'answer.wav' });
  expect(line).toMatch(/--output answer\.wav$/);
});

test('a file is the body and its parameters are the query', () => {
  const blob = new Blob(['123'], { type: 'image/png' });
  const sent = mediaRequest({ blob, name: "my photo's.png", base64: null }, { top_k: 3 });
  const line = curlOf(sent, target);
  expect(line).toContain("'http://localhost:8100/predict?top_k=3'");
  expect(line).toContain("--data-binary @'my photo'\\''s.png'");
});

test('a built-in sample is sent inline', () => {
  const blob = new Blob(['1'], { type: 'audio/wav' });
  const sent = mediaRequest({ blob, name: 'sample.wav', base64: 'MQ==' }, {});
  expect(curlOf(sent, target)).toMatch(/^echo MQ== \| base64 -d \| \\\ncurl .*@-$/s);
});

test('prints lists of plain values on one line as valid JSON', () => {
  const value = [{ label: 'a', box: [1, 2] }, {}, [], null];
  expect(JSON.parse(pretty(value))).toEqual(value);
  expect(pretty({ v: [1, 2] })).toBe('{\n  "v": [1, 2]\n}');
});
