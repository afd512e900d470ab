import { screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import type { Candidate, Deployment, Receipt, Task } from '@/api/types';
import { deployment } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { compactJson } from './compactJson';
import { sampleFiles } from './examples';
import { candidateName, mergeNote, receiptNote } from './receipt';
import { SuccessView } from './SuccessView';

const candidate = (changes: Partial<Candidate>): Candidate => ({
  engine: 'torch',
  device: 'cpu',
  dtype: 'float32',
  threads: 2,
  packs_weights: false,
  latency_ms: 31,
  group_latency_ms: 12,
  agreement: 1,
  worst_agreement: 1,
  same_label: 1,
  probability_error: 0,
  inputs: 64,
  memory_bytes: 0,
  chosen: false,
  reason: 'slower',
  is_pending: false,
  ...changes,
});

const receipt: Receipt = {
  engine: 'torch',
  device: 'cpu',
  dtype: 'bfloat16',
  threads: 2,
  packs_weights: true,
  speedup: 2.6,
  agreement: 0.998,
  conversion: null,
  merge: null,
  candidates: [
    candidate({}),
    candidate({
      dtype: 'bfloat16',
      packs_weights: true,
      latency_ms: 12,
      agreement: 0.998,
      chosen: true,
      reason: '',
    }),
    candidate({ dtype: 'int8', latency_ms: 9, agreement: 0.93, reason: 'below 99% agreement' }),
  ],
};

const launched = (changes: Partial<Deployment> = {}): Deployment =>
  deployment('running', {
    receipt,
    proof: {
      input: { inputs: 'Sofia liked it.' },
      output: [[{ label: 'POSITIVE', score: 0.98 }]],
      warning: null,
      latency_ms: 12.1,
      at: '2026-01-02T10:00:09Z',
    },
    result: {
      usage_instructions: {
        description: 'Text classification',
        endpoint: 'http://localhost:8100/predict',
        method: 'POST',
        content_type: 'application/json',
        example_curl: 'curl http://localhost:8100/predict',
        example_python: 'import requests',
        example_javascript: 'await fetch()',
        example_openai: null,
        example_inference_client: 'InferenceClient()',
        test_ui_url: 'http://localhost:3000/test/dep_01JD8Q',
      },
      model_info: { source: '', type: 'nlp', device: 'CPU', cache_location: '' },
    },
    ...changes,
  });

const task = {
  name: 'text-classification',
  title: 'Text classification',
  example: { inputs: 'Daniel liked it.' },
};

beforeEach(() => {
  server.use(http.get('*/api/v1/tasks', () => HttpResponse.json([task])));
});

test('the endpoint can be copied, and every example is a tab', async () => {
  const { user } = renderAt(<SuccessView deployment={launched()} launching={false} />);
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent(
    'movie-sentiment is launched',
  );
  await user.click(screen.getByRole('button', { name: 'Copy endpoint' }));
  expect(await navigator.clipboard.readText()).toBe('http://localhost:8100/predict');
  await user.click(await screen.findByRole('tab', { name: 'InferenceClient' }));
  expect(await screen.findByText(/InferenceClient\(\)/)).toBeVisible();
  expect(screen.getAllByRole('tab').map((tab) => tab.textContent)).toEqual([
    'curl',
    'Python',
    'InferenceClient',
    'JavaScript',
  ]);
});

test('a proof warning is shown above its request, and only if there is one', () => {
  const made = launched();
  const warning = 'The output is empty: the model generated no text.';
  const proof = { ...(made.proof as NonNullable<Deployment['proof']>), warning };
  const { unmount } = renderAt(<SuccessView deployment={{ ...made, proof }} launching={false} />);
  expect(screen.getByRole('note')).toHaveTextContent(`Warning: ${warning}`);
  unmount();
  renderAt(<SuccessView deployment={made} launching={false} />);
  expect(screen.queryByRole('note')).toBeNull();
});

test('an OpenAI-compatible endpoint has a tab for the OpenAI client', async () => {
  const made = launched();
  const result = made.result as NonNullable<Deployment['result']>;
  const usage = { ...result.usage_instructions, example_openai: 'client = OpenAI()' };
  const shown = { ...made, result: { ...result, usage_instructions: usage } };
  const { user } = renderAt(<SuccessView deployment={shown} launching={false} />);
  await user.click(await screen.findByRole('tab', { name: 'OpenAI' }));
  expect(await screen.findByText(/client = OpenAI\(\)/)).toBeVisible();
});

test('the receipt shows rejected candidates and reasons, and the proof its request', () => {
  renderAt(<SuccessView deployment={launched()} launching={false} />);
  expect(screen.getAllByRole('row')).toHaveLength(4);
  expect(
    screen.getByText('int8, 2 threads was fastest but was not chosen: below 99% agreement.'),
  ).toBeVisible();
  expect(screen.getByText('faster than plain float32')).toBeVisible();
  expect(screen.getByRole('columnheader', { name: 'Match with float32' })).toBeVisible();
  expect(screen.getByRole('region', { name: 'Request' })).toHaveTextContent('Sofia liked it.');
  expect(screen.getByText(/^12 ms, at/)).toBeVisible();
});

test('it links to the playground, the metrics, the page and the docs of the model server', () => {
  renderAt(<SuccessView deployment={launched()} launching={false} />);
  const to = screen.getAllByRole('link').map((link) => link.getAttribute('href'));
  expect(to).toEqual([
    '/test/movie-sentiment',
    'http://localhost:8100/docs',
    '/deployments/movie-sentiment/metrics',
    '/deployments/movie-sentiment',
  ]);
});

test('a receipt without measurements shows none', () => {
  const plain: Receipt = {
    ...receipt,
    speedup: null,
    agreement: null,
    candidates: [
      candidate({ latency_ms: null, agreement: null, chosen: true, reason: 'no accelerator' }),
    ],
  };
  renderAt(<SuccessView deployment={launched({ receipt: plain })} launching={false} />);
  expect(screen.getByText('chosen without measurement')).toBeVisible();
  expect(screen.getByText('No accelerator.')).toBeVisible();
  expect(screen.queryByText('faster than plain float32')).toBeNull();
});

test('files of a request body can be downloaded under the names in the examples', () => {
  const photo = 'A'.repeat(500);
  const result = launched().result as NonNullable<Deployment['result']>;
  const usage = {
    ...result.usage_instructions,
    example_curl: "{ printf %s '{'; base64 < photo.png | tr -d '\\n'; } | curl --data-binary @-",
  };
  const made = launched({ result: { ...result, usage_instructions: usage } });
  const row = { example: { inputs: { image: photo, question: 'What?' } } } as Task;
  expect(sampleFiles(made, row)).toEqual([
    { name: 'photo.png', href: `data:application/octet-stream;base64,${photo}` },
  ]);
});

test('candidate names show their differences', () => {
  const [first, second] = [candidate({}), candidate({ device: 'cuda:0' })];
  expect(candidateName(first, [first, second])).toBe('CPU, float32, 2 threads');
  expect(candidateName(first, [first])).toBe('float32, 2 threads');
  expect(receiptNote({ ...receipt, candidates: [] })).toBeNull();
  const pending = candidate({
    engine: 'openvino',
    latency_ms: null,
    is_pending: true,
    reason: 'it is prepared',
  });
  expect(receiptNote({ ...receipt, candidates: [candidate({ chosen: true }), pending] })).toBe(
    'OpenVINO, float32, 2 threads: it is prepared.',
  );
});

test('the receipt names the base model that an adapter was merged into', () => {
  const merge = { kind: 'LoRA', base: 'acme/base', commit: 'abc1234def', trained_on: null };
  const note = 'LoRA adapter merged into acme/base at commit abc1234';
  expect(mergeNote({ ...receipt, merge })).toBe(`${note}.`);
  expect(mergeNote({ ...receipt, merge: { ...merge, trained_on: 'acme/base-4bit' } })).toBe(
    `${note}; it was trained on acme/base-4bit.`,
  );
  expect(mergeNote(receipt)).toBeNull();
});

test('JSON that fits on one line stays on one line, and strings are unchanged', () => {
  expect(compactJson({ a: 'x,y:z', b: [1, 2] })).toBe('{"a": "x,y:z", "b": [1, 2]}');
  const long = compactJson([
    { label: 'A'.repeat(80), score: 1 },
    { label: 'B', score: 2 },
  ]);
  expect(JSON.parse(long)).toEqual([
    { label: 'A'.repeat(80), score: 1 },
    { label: 'B', score: 2 },
  ]);
  expect(long.split('\n').at(-2)).toBe('  {"label": "B", "score": 2}');
});
