import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { packed, preview } from './files';
import { mediaOfFile } from './media';

const PHOTO = mediaOfFile(new File(['abc'], "it's.png", { type: 'image/png' }));
const SAMPLE = { blob: new Blob(['xyz']), name: 'sample.png', base64: 'eHl6' };
const body = { inputs: { image: PHOTO, question: 'What\'s "this"?' }, parameters: { top_k: 1 } };

test('sends a file as base64 and shows a placeholder', async () => {
  const sent = await packed(body);
  expect(JSON.parse(String(sent.body))).toEqual({
    inputs: { image: 'YWJj', question: 'What\'s "this"?' },
    parameters: { top_k: 1 },
  });
  expect(JSON.parse(sent.shown).inputs.image).toBe("base64 of it's.png, 3 B");
});

test('the shell command builds the same body, from a file or from inline bytes', async () => {
  const two = { inputs: [SAMPLE, SAMPLE] };
  const { curlPipe = '' } = preview(two);
  const made = execFileSync('sh', ['-c', curlPipe], { encoding: 'utf8' });
  expect(made).toBe((await packed(two)).body);
  expect(preview(body).curlPipe).toContain("base64 < 'it'\\''s.png'");
});

test('a body without a file is a command argument', () => {
  expect(preview({ inputs: 'a' })).toMatchObject({ curlBody: `-d '{"inputs":"a"}'` });
});
