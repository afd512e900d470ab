import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Deployment } from '@/api/types';
import { card, deployment, problem, steps, system } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { machineLine, pickStarters } from './EmptyHome';
import { evidenceOf } from './Evidence';
import { Home } from './Home';

function serve(items: Deployment[]) {
  server.use(
    http.get('*/api/v1/deployments', () => HttpResponse.json({ items, next_cursor: null })),
    http.get('*/api/v1/system', () => HttpResponse.json(system())),
    http.get('*/api/v1/deployments/:id/metrics', () =>
      HttpResponse.json({
        window_seconds: 300,
        interval_seconds: 5,
        moments: [],
        requests: {},
        requests_per_minute: 248,
        latency_ms: { p50: 11, p90: 15, p95: 18.2, p99: 24 },
      }),
    ),
    http.get('*/api/v1/models', () =>
      HttpResponse.json({
        items: ['stories', 'tones', 'digits', 'sentiment'].map((id) =>
          card(id, { source: 'starter', title: id }),
        ),
        next_cursor: null,
      }),
    ),
  );
}

const launch = { path: '/deployments/:id/progress', element: <h1>Launch</h1> };

test('the empty home deploys a starter in one click', async () => {
  serve([]);
  const sent: unknown[] = [];
  server.use(
    http.post('*/api/v1/deployments', async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(deployment('pending', { id: 'dep_new' }), { status: 202 });
    }),
  );
  const { user } = renderAt(<Home />, { path: '/', others: [launch] });
  await user.click(await screen.findByRole('button', { name: 'Deploy sentiment' }));
  expect(await screen.findByRole('heading', { name: 'Launch' })).toBeVisible();
  expect(sent).toEqual([{ model_id: 'sentiment', source: 'starter' }]);
});

test('a running deployment shows its metrics and its full endpoint', async () => {
  serve([deployment()]);
  renderAt(<Home />, { path: '/' });
  const row = await screen.findByRole('row', { name: /movie-sentiment/ });
  await waitFor(() => expect(row).toHaveTextContent('248'));
  expect(row).toHaveTextContent('Running');
  expect(row).toHaveTextContent('18 ms');
  expect(row).toHaveTextContent('412 MB');
  expect(within(row).getByTitle('http://localhost:8100/predict')).toHaveTextContent(
    ':8100/predict',
  );
});

test('deployments that need attention come first, and empty groups are hidden', async () => {
  serve([
    deployment('running', { id: 'a', name: 'fine' }),
    deployment('failed', { id: 'b', name: 'broken', problem: problem() }),
  ]);
  renderAt(<Home />, { path: '/' });
  await screen.findByRole('row', { name: /broken/ });
  expect(screen.getAllByRole('rowheader').map((one) => one.textContent)).toEqual([
    expect.stringContaining('Needs attention'),
    expect.stringContaining('broken'),
    expect.stringContaining('Running'),
    expect.stringContaining('fine'),
  ]);
  expect(screen.getByText('1 needs attention')).toBeVisible();
});

test('a rejected action shows the error in its row', async () => {
  serve([deployment('paused')]);
  server.use(
    http.post('*/api/v1/deployments/:id/resume', () =>
      HttpResponse.json(problem({ status: 409, detail: 'It is resuming already.' }), {
        status: 409,
      }),
    ),
  );
  const { user } = renderAt(<Home />, { path: '/' });
  await user.click(await screen.findByRole('button', { name: 'Resume: movie-sentiment' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('It is resuming already.');
});

test('the search matches name and model, and reports no results', async () => {
  serve([deployment('running', { name: 'fine' })]);
  const { user } = renderAt(<Home />, { path: '/' });
  await user.type(await screen.findByRole('searchbox'), 'nothing');
  expect(screen.getByRole('heading', { name: 'No deployment matches nothing.' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Show all' }));
  expect(screen.getByRole('row', { name: /fine/ })).toBeVisible();
});

test('an unreachable control plane shows a problem with a remedy', async () => {
  server.use(
    http.get('*/api/v1/deployments', () => HttpResponse.error()),
    http.get('*/api/v1/system', () => HttpResponse.error()),
  );
  renderAt(<Home />, { path: '/' });
  expect(
    await screen.findByText('Slipway cannot be reached', undefined, { timeout: 9000 }),
  ).toBeVisible();
});

test('a starting deployment shows its step and the remaining time', () => {
  const one = deployment('initializing');
  const progress = {
    ...one.progress,
    current_step: 'prepare' as const,
    steps: steps('prepare', 'running'),
    eta_seconds: 9,
  };
  expect(evidenceOf({ ...one, progress })).toBe('Step 4 of 6, about 9 s left');
});

test('three starters of different types come first', () => {
  const cards = ['tones', 'stories', 'digits', 'sentiment'].map((id) => card(id));
  expect(pickStarters(cards).map((one) => one.id)).toEqual(['sentiment', 'digits', 'stories']);
});

test('the footer shows the capacity of this machine', () => {
  expect(machineLine(system())).toBe(
    'This machine: 8 cores, 11.0 of 16 GB memory free, 118 GB disk free, no GPU. Models up to about 1 billion parameters fit.',
  );
});
