/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { DeploymentBody } from '@/api/types';
import { curlFor, oneLine } from './curl';

const BODY: DeploymentBody = {
  name: 'a',
  model_id: 'Qwen/Qwen2.5',
  serving: { env: { GREETING: `it's "$HOME" { [ a, b ] }\n` } },
};

test('single-line JSON equals the body', () => {
  expect(oneLine(BODY)).not.toContain('\n');
  expect(JSON.parse(oneLine(BODY))).toEqual(BODY);
});

test('the shell passes exactly the body to curl for any content', () => {
  const line = curlFor('http://localhost:8000/api/v1/deployments', BODY, false);
  const script = `curl() { for last; do :; done; printf %s "$last"; }\n${line}`;
  expect(JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8' }))).toEqual(BODY);
});

test('a key is referenced by variable, never printed', () => {
  expect(curlFor('http://x', BODY, true)).toContain('Authorization: Bearer $API_KEY');
});
