/** The proof of a deployment whose output was empty: the warning is on the page, readable in both themes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment } from '@/api/types';
import { deployment } from '../src/test/fixtures';
import { isAccessibleInBothSchemes, shot } from './screens';
import { type Stage, setStage } from './stage';

const WARNING = 'The output is empty: the model generated no text.';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});

afterAll(() => stage?.stop());

const shown = (): Deployment => {
  const proof = {
    input: { inputs: 'Once upon a time' },
    output: [{ generated_text: '' }],
    latency_ms: 31,
    at: '2026-01-02T10:00:09Z',
    warning: WARNING,
  };
  return deployment('running', {
    id: 'dep_shown',
    proof,
    result: {
      usage_instructions: {
        description: 'Text generation',
        endpoint: 'http://localhost:8100/predict',
        method: 'POST',
        content_type: 'application/json',
        example_curl: 'curl http://localhost:8100/predict',
        example_python: 'import requests',
        example_javascript: 'await fetch()',
        example_openai: null,
        example_inference_client: null,
        test_ui_url: 'http://localhost:3000/test/dep_shown',
      },
      model_info: { source: 'Starter', type: 'nlp', device: 'CPU', cache_location: '' },
    },
  });
};

test.each([
  ['overview', '/deployments/dep_shown'],
  ['success', '/deployments/dep_shown/progress'],
])('a proof warning is shown on the %s page', async (name, path) => {
  const { page, faults } = await stage.open('/models');
  await page.route('**/api/v1/deployments/dep_shown', (route) => route.fulfill({ json: shown() }));
  await page.goto(stage.url + path);
  await page.getByRole('note').getByText(WARNING).waitFor();
  await isAccessibleInBothSchemes(page);
  await shot(page, `proof-warning-${name}`, true);
  await page.setViewportSize({ width: 360, height: 800 });
  await isAccessibleInBothSchemes(page);
  expect(faults).toEqual([]);
});
