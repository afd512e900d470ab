import { describe, expect, test } from 'vitest';
import { nameProblem, parsePasted, suggestName } from './names';

describe('a suggested name', () => {
  test.each([
    ['Qwen/Qwen2.5-1.5B-Instruct', 'qwen2.5-1.5b-instruct'],
    ['sentiment', 'sentiment'],
    ['a/__Weird__', 'weird'],
    ['a/---', 'model'],
  ])('%s becomes %s', (id, name) => {
    expect(suggestName(id, new Set())).toBe(name);
    expect(nameProblem(name, new Set())).toBeNull();
  });

  test('is free', () => {
    expect(suggestName('sentiment', new Set(['sentiment', 'sentiment-2']))).toBe('sentiment-3');
  });
});

test.each(['Upper', '-a', 'a b', 'dep_1', '', 'a'.repeat(64)])('%j is not a valid name', (name) => {
  expect(nameProblem(name, new Set())).not.toBeNull();
});

test('a name in use is rejected with the name', () => {
  expect(nameProblem('mine', new Set(['mine']))).toContain('mine');
});

describe('a pasted model', () => {
  test.each([
    ['https://huggingface.co/Qwen/Qwen2.5-1.5B', 'Qwen/Qwen2.5-1.5B', 'main'],
    ['https://huggingface.co/Qwen/Qwen2.5-1.5B/tree/v1.0', 'Qwen/Qwen2.5-1.5B', 'v1.0'],
    ['http://mirror.local:8080/a/b/blob/abc123/config.json', 'a/b', 'abc123'],
    ['https://huggingface.co/gpt2', 'gpt2', 'main'],
    ['  Qwen/Qwen2.5-1.5B ', 'Qwen/Qwen2.5-1.5B', 'main'],
    ['huggingface.co/a/b', 'a/b', 'main'],
  ])('%s is %s at %s', (text, id, revision) => {
    expect(parsePasted(text)).toEqual({ id, revision });
  });

  test.each([
    'sentiment',
    'text classification',
    'https://',
    'a/b/c',
    'https://huggingface.co/datasets/a/b',
    '../x',
  ])('%j is a search', (text) => {
    expect(parsePasted(text)).toBeNull();
  });
});
