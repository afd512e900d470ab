import { expect, test } from 'vitest';
import { system } from '@/test/fixtures';
import { groupDependencies, installBytes } from './dependencies';

const extra = (name: string, installed: boolean) => ({
  name,
  title: name,
  version: null,
  bytes: 5e6,
  installed,
});

test('required extras are installed, present or missing, and optional ones are offered', () => {
  const groups = groupDependencies(
    system({ extras: [extra('audio', false), extra('vision', true), extra('video', false)] }),
    ['audio', 'quantum'],
    [],
  );
  expect(groups.install.map((row) => row.name)).toEqual(['audio']);
  expect(groups.missing.map((row) => row.name)).toEqual(['quantum']);
  expect(groups.optional.map((row) => row.name)).toEqual(['video']);
  expect(groups.present.map((row) => row.name)).toEqual(['torch', 'transformers', 'vision']);
  expect(installBytes(groups)).toBe(5e6);
});
