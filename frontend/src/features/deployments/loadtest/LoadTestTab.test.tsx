import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Deployment, LoadTest, LoadTestBody } from '@/api/types';
import { deployment, loadTest, problem } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { LoadTestTab } from './LoadTestTab';

const PATH = '*/api/v1/deployments/dep_01JD8Q/load-tests';

function open(tests: LoadTest[], made: Deployment = deployment(), input = 'json') {
  server.use(
    http.get(PATH, () => HttpResponse.json(tests)),
    http.get('*/api/v1/tasks', () =>
      HttpResponse.json([{ name: made.model?.task, title: '', input }]),
    ),
  );
  return renderAt(<LoadTestTab deployment={made} />);
}

/** Bodies that are sent; each starts a test. */
function starts(tests: LoadTest[]): LoadTestBody[] {
  const sent: LoadTestBody[] = [];
  server.use(
    http.post(PATH, async ({ request }) => {
      sent.push((await request.json()) as LoadTestBody);
      tests.unshift(loadTest({ id: 'ldt_new', state: 'queued', ended_at: null, result: null }));
      return HttpResponse.json(tests[0], { status: 202 });
    }),
  );
  return sent;
}

test('starts a test with concurrency and duration', async () => {
  const tests: LoadTest[] = [];
  const { user } = open(tests);
  const sent = starts(tests);
  const concurrency = await screen.findByLabelText('Concurrency');
  await user.clear(concurrency);
  await user.type(concurrency, '32');
  await user.click(screen.getByRole('button', { name: 'Start load test' }));
  await waitFor(() => expect(sent).toEqual([{ concurrency: 32, seconds: 10 }]));
  expect(await screen.findByRole('button', { name: 'Cancel load test' })).toBeVisible();
  expect(screen.getByRole('button', { name: 'Start load test' })).toBeDisabled();
});

test('own JSON is checked before it is sent', async () => {
  const tests: LoadTest[] = [];
  const { user } = open(tests);
  const sent = starts(tests);
  await user.click(await screen.findByRole('radio', { name: 'JSON' }));
  const bodies = screen.getByLabelText('Request bodies');
  await user.click(bodies);
  await user.paste('[1]');
  expect(screen.getByText('Each request body must be a JSON object.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Start load test' })).toBeDisabled();
  await user.clear(bodies);
  await user.paste('{"inputs": "a fine day"}');
  await user.click(screen.getByRole('button', { name: 'Start load test' }));
  await waitFor(() => expect(sent[0]?.inputs).toEqual([{ inputs: 'a fine day' }]));
});

test('a file is offered for media only, and sent in base64', async () => {
  const tests: LoadTest[] = [];
  const text = open(tests);
  expect(await screen.findByRole('radio', { name: 'JSON' })).toBeVisible();
  expect(screen.queryByRole('radio', { name: 'File' })).toBeNull();
  text.unmount();
  const { user } = open(tests, deployment(), 'image');
  const sent = starts(tests);
  await user.click(await screen.findByRole('radio', { name: 'File' }));
  await user.upload(
    screen.getByLabelText('File', { selector: 'input[type=file]' }),
    new File(['abc'], 'a.png', { type: 'image/png' }),
  );
  await user.click(screen.getByRole('button', { name: 'Start load test' }));
  await waitFor(() =>
    expect(sent[0]?.file).toEqual({ content_type: 'image/png', content: 'YWJj' }),
  );
});

test('a running test shows its rate and can be cancelled', async () => {
  const running = loadTest({ state: 'running', ended_at: null, result: null });
  const cancelled: string[] = [];
  server.use(
    http.delete(`${PATH}/:id`, ({ params }) => {
      cancelled.push(String(params.id));
      return HttpResponse.json(running, { status: 202 });
    }),
  );
  const { user } = open([running]);
  expect(await screen.findByText('812')).toBeVisible();
  expect(screen.getByText('4,040 responses so far, 3 failed.')).toBeVisible();
  expect(screen.getByRole('progressbar', { name: 'Load test, 50%' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Cancel load test' }));
  await waitFor(() => expect(cancelled).toEqual([running.id]));
});

const cellsOf = (name: string): (string | null)[] => {
  const row = screen.getByRole('row', { name: (text) => text.startsWith(name) });
  return within(row)
    .getAllByRole('cell')
    .map(({ textContent }) => textContent);
};

test('the result stands beside what prepare measured', async () => {
  open([loadTest()]);
  await screen.findByText('Result');
  expect(cellsOf('Requests per second')).toEqual(['805', '950']);
  expect(cellsOf('Latency p50')).toEqual(['9.8 ms', '1.2 ms alone']);
  expect(cellsOf('Latency p99')).toEqual(['21 ms', '–']);
  expect(cellsOf('Mean batch size')).toEqual(['3.2', '–']);
  expect(cellsOf('3 to 4')).toEqual(['', '75%']);
  expect(screen.queryByText('First token p50')).toBeNull();
  expect(
    screen.getByText(/3 requests failed .*: 2 × status 429, 1 × connection lost\./),
  ).toBeVisible();
});

test('streams have times of their tokens, and a model that was not measured says so', async () => {
  const quantiles = { p50: 120, p95: 300, p99: 400 };
  const streaming = {
    tokens: 900,
    tokens_per_second: 90,
    time_to_first_token_ms: quantiles,
    inter_token_ms: { p50: 11, p95: 14, p99: 20 },
  };
  const { result } = loadTest();
  open([loadTest({ prepare: null, result: result && { ...result, streaming } })]);
  await screen.findByText('Result');
  expect(cellsOf('Tokens per second')).toEqual(['90']);
  expect(cellsOf('First token p95')).toEqual(['300 ms']);
  expect(cellsOf('Between tokens p50')).toEqual(['11 ms']);
  expect(screen.getByText(/Prepare did not measure this model/)).toBeVisible();
});

test('a failed test shows its problem, and an earlier one can be chosen', async () => {
  const why = problem({ title: 'The model server rejected the input of the load test' });
  const failed = loadTest({ id: 'ldt_2', state: 'failed', result: null, problem: why });
  const { user, router } = open([failed, loadTest({ id: 'ldt_1' })]);
  expect(await screen.findByRole('alert')).toHaveTextContent(why.title);
  const list = screen.getByRole('region', { name: 'Stored load tests' });
  await user.click(within(list).getAllByRole('button')[1] as HTMLElement);
  expect(await screen.findByText('Latency p50')).toBeVisible();
  expect(router.state.location.search).toBe('?test=ldt_1');
});

test('a deployment that does not run cannot be tested', async () => {
  open([], deployment('paused'));
  expect(await screen.findByText('The deployment is not running: Paused.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Start load test' })).toBeDisabled();
  expect(screen.getByText('No load test yet')).toBeVisible();
});
