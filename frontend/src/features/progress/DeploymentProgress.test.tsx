import { act, screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Deployment } from '@/api/types';
import { deployment, problem, steps, system } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { DeploymentProgress } from './DeploymentProgress';
import { accepted, downloaded, downloading, event, FakeSocket } from './live/testing';

let current: Deployment;
let sent: { verb: string; body: unknown }[];

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  sent = [];
  current = accepted();
  server.use(
    http.get('*/api/v1/deployments/:id', () => HttpResponse.json(current)),
    http.get('*/api/v1/deployments/:id/logs', () =>
      HttpResponse.text('2026-01-02T10:00:00.000+00:00 validate     looking up sentiment\n'),
    ),
    http.get('*/api/v1/system', () => HttpResponse.json(system())),
    http.get('*/api/v1/tasks', () => HttpResponse.json([])),
    http.post('*/api/v1/deployments/:id/:verb', async ({ request, params }) => {
      const text = await request.text();
      sent.push({ verb: String(params.verb), body: text === '' ? null : JSON.parse(text) });
      return HttpResponse.json(current, { status: 202 });
    }),
  );
});
afterEach(() => vi.unstubAllGlobals());

async function arrive(shown: Deployment) {
  current = shown;
  const view = renderAt(<DeploymentProgress />, {
    at: '/deployments/movie-sentiment/progress',
    path: '/deployments/:id/progress',
    others: [{ path: '/', element: <p>Home</p> }],
  });
  await screen.findByRole('heading', { level: 1 });
  return view;
}

/** Says it over the line, as it is there once the page has asked. */
async function tell(...events: Parameters<FakeSocket['send']>) {
  await waitFor(() => expect(FakeSocket.all.length).toBeGreaterThan(0));
  act(() => FakeSocket.last.send(...events));
}

const step = (name: RegExp) => {
  const found = screen.getByRole('heading', { level: 3, name }).closest('li');
  if (found === null) throw new Error('no such step');
  return within(found);
};

const stalled = event(1, {
  at: '2026-01-02T10:00:20.000Z',
  type: 'stalled',
  message: 'The Hub stopped sending model.safetensors for 30 s. Retrying in 4 s (2 of 5).',
  details: { retry_in_seconds: 4, attempt: 2 },
});

describe('while deploying', () => {
  test('events update the percentage, the numbers and the tab title', async () => {
    await arrive(downloading(0, 4));
    await tell(downloaded(1, 500));
    expect(await screen.findByText('29%')).toBeVisible();
    expect(screen.getByText('0.50 of 1.00 kB')).toBeVisible();
    expect(screen.getByText('100 B/s')).toBeVisible();
    expect(document.title).toMatch(/^29% movie-sentiment/);
    expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '29');
    expect(step(/Download model: Running/).getByText(/of 1 min/)).toBeVisible();
    expect(step(/Prepare model: Queued/).getByText('about 2 s')).toBeVisible();
  });

  test('the live region announces steps but not percentages', async () => {
    await arrive(downloading(0, 4));
    const region = () => screen.getAllByRole('status')[0];
    await tell(downloaded(1, 500));
    await screen.findByText('29%');
    expect(region()).toHaveTextContent('');
    await tell(event(2, { type: 'step_started', current_step: 'prepare', percent: 60 }));
    await waitFor(() => expect(region()).toHaveTextContent('Preparing the model.'));
  });

  test('a stall shows its retry and a button to retry now', async () => {
    const { user } = await arrive(downloading(0, 4));
    await tell(stalled);
    expect(await screen.findByText('Retrying now; the download resumes')).toBeVisible();
    expect(screen.getByText(/Retry 2 of 5/)).toBeVisible();
    expect(screen.getByText('Stalled')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Retry now' }));
    await waitFor(() => expect(sent).toEqual([{ verb: 'retry', body: null }]));
  });

  test('a measurement can be skipped, and nothing else can', async () => {
    const { user } = await arrive(downloading(0, 4));
    expect(screen.queryByRole('button', { name: 'Skip measurement' })).toBeNull();
    const preparing = { current_step: 'prepare', percent: 60 } as const;
    await tell(event(1, { ...preparing, details: { skippable: true } }));
    await user.click(await screen.findByRole('button', { name: 'Skip measurement' }));
    await waitFor(() => expect(sent).toEqual([{ verb: 'skip', body: null }]));
    await tell(event(2, { ...preparing, message: 'torch on cpu in float32' }));
    await waitFor(() => expect(screen.queryByText('Skip measurement')).toBeNull());
  });

  test('cancel requires inline confirmation', async () => {
    const { user } = await arrive(downloading(0, 4));
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(screen.getByRole('group', { name: /delete partial results/ })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Continue the launch' }));
    expect(sent).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await user.click(screen.getByRole('button', { name: 'Cancel launch' }));
    await waitFor(() => expect(sent).toEqual([{ verb: 'cancel', body: null }]));
  });

  test('the log is shown unchanged, with local times', async () => {
    await arrive(downloading(0, 4));
    expect(await screen.findByText('validate: looking up sentiment')).toBeVisible();
    expect(await screen.findByText(/^Ended/)).toBeVisible();
  });

  test('a lost connection is reported, and the page stays', async () => {
    await arrive(downloading(0, 4));
    await waitFor(() => expect(FakeSocket.all).toHaveLength(1));
    server.use(http.get('*/api/v1/deployments/:id', () => HttpResponse.error()));
    act(() => FakeSocket.last.end(1006));
    expect(await screen.findByText(/reconnects automatically/)).toBeVisible();
    expect(screen.getByText('Downloading the model')).toBeVisible();
  });
});

describe('failure', () => {
  const failed = (changes: Partial<Deployment> = {}) =>
    deployment('failed', {
      endpoint: null,
      url: null,
      port: null,
      problem: problem(),
      progress: {
        ...deployment().progress,
        percent: 78,
        current_step: 'start',
        completed_steps: 4,
        steps: steps('start', 'failed'),
      },
      ...changes,
    });

  test('is an alert that takes focus when it happens on the open page', async () => {
    await arrive(downloading(0, 4));
    await waitFor(() => expect(FakeSocket.all).toHaveLength(1));
    current = failed({ updated_at: '2026-01-02T10:00:01.000Z' });
    await tell(
      event(1, { type: 'failed', current_step: 'start', details: { problem: problem() } }),
    );
    const title = await screen.findByRole('heading', { name: problem().title });
    expect(screen.getByRole('alert')).toContainElement(title);
    expect(title).toHaveFocus();
    expect(document.title).toMatch(/^Failed: movie-sentiment/);
  });

  test('an out-of-memory failure has a one-click remedy: a partial request merged into the old one', async () => {
    const { user } = await arrive(failed());
    expect(screen.getByText(/The launch stopped in step 5 of 6, Start model server/)).toBeVisible();
    expect(screen.getByText(/In float32 this model needs about 0.4 GB/)).toBeVisible();
    expect(step(/Verify with a real request: Not run/).getByText('Not run')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Raise limit to 1.0 GB and retry' }));
    await user.click(await screen.findByRole('button', { name: 'Retry in bfloat16' }));
    expect(sent).toEqual([
      { verb: 'retry', body: { hardware: { memory_limit_gb: 1 } } },
      { verb: 'retry', body: { hardware: { dtype: 'bfloat16' } } },
    ]);
  });

  test('returns to progress when a retry is accepted', async () => {
    const { user } = await arrive(failed());
    current = accepted({ updated_at: '2026-01-02T11:00:00.000Z' });
    await user.click(screen.getByRole('button', { name: 'Retry the start' }));
    expect(await screen.findByText('Waiting in the queue')).toBeVisible();
    await waitFor(() => expect(FakeSocket.all).toHaveLength(1));
  });

  test('a gated-model failure accepts a token and retries with it', async () => {
    let token: unknown = null;
    server.use(
      http.put('*/api/v1/system/hub-token', async ({ request }) => {
        token = await request.json();
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const gated = problem({ code: 'model-gated', retryable: false, step: 'validate' });
    const { user } = await arrive(failed({ problem: gated }));
    await user.type(screen.getByLabelText('Token of the Hugging Face Hub'), 'hf_secret');
    await user.click(screen.getByRole('button', { name: 'Save token and retry' }));
    await waitFor(() => expect(sent).toEqual([{ verb: 'retry', body: null }]));
    expect(token).toEqual({ token: 'hf_secret' });
  });

  test('a deleted deployment is reported with a link', async () => {
    const gone = problem({ code: 'deployment-deleted', status: 410, title: 'Deleted' });
    server.use(
      http.get('*/api/v1/deployments/:id', () => HttpResponse.json(gone, { status: 410 })),
    );
    await arrive(accepted());
    expect(screen.getByRole('heading', { name: 'Deleted' })).toBeVisible();
    expect(screen.getByRole('link', { name: 'See all deployments' })).toHaveAttribute('href', '/');
  });
});

test('cancelled is not a failure, and can be started again', async () => {
  const { user } = await arrive(deployment('cancelled', { endpoint: null, url: null }));
  expect(screen.queryByRole('alert')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Launch again' }));
  await waitFor(() => expect(sent).toEqual([{ verb: 'retry', body: null }]));
});
