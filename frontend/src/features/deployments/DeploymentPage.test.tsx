import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import type { ReactNode } from 'react';
import { expect, test } from 'vitest';
import type { Deployment, Moment, Series } from '@/api/types';
import { deployment, loadTest, problem } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { DeploymentPage } from './DeploymentPage';

const Evidence = ({ children }: { children: ReactNode }) => <div>evidence{children}</div>;

function open(tab: string, made: Deployment = deployment(), id = made.name) {
  server.use(
    http.get(`*/api/v1/deployments/${id}`, () => HttpResponse.json(made)),
    http.get('*/load-tests', () =>
      HttpResponse.json([
        loadTest({ started_at: '2026-01-02T10:00:01Z', ended_at: '2026-01-02T10:00:04Z' }),
      ]),
    ),
  );
  const page = <DeploymentPage playground={<p>playground</p>} Evidence={Evidence} />;
  return renderAt(page, {
    at: `/deployments/${id}${tab}`,
    path: '/deployments/:id/:tab?',
    others: [{ path: '/', element: <p>home</p> }],
  });
}

test('each tab has a URL that survives a reload', async () => {
  const { user, router } = open('/settings');
  expect(await screen.findByRole('heading', { name: 'Lifecycle' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Settings' })).toHaveAttribute('aria-current', 'page');
  await user.click(screen.getByRole('link', { name: 'Playground' }));
  expect(screen.getByText('playground')).toBeVisible();
  expect(router.state.location.pathname).toBe('/deployments/movie-sentiment/playground');
  expect(document.title).toBe('Playground · movie-sentiment · Slipway');
});

test('an unknown tab redirects to the overview', async () => {
  const { router } = open('/nothing');
  expect(await screen.findByRole('link', { name: 'Try it' })).toBeVisible();
  expect(router.state.location.pathname).toBe('/deployments/movie-sentiment');
});

test('each state has one action', async () => {
  const paused = open('', deployment('paused'), 'a');
  expect(await screen.findByRole('button', { name: 'Resume' })).toBeVisible();
  paused.unmount();
  const failed = open('', deployment('failed', { problem: problem() }), 'b');
  expect(await screen.findByRole('link', { name: 'Show the remedy' })).toHaveAttribute(
    'href',
    '/deployments/dep_01JD8Q/progress',
  );
  expect(screen.getByRole('alert')).toHaveTextContent(problem().title);
  failed.unmount();
  open('', deployment('cancelled'), 'c');
  expect(await screen.findByRole('link', { name: 'Deploy again' })).toHaveAttribute(
    'href',
    '/deploy/review?again=dep_01JD8Q',
  );
});

test('an action that the state forbids shows a remedy', async () => {
  server.use(
    http.post('*/deployments/movie-sentiment/pause', () =>
      HttpResponse.json(problem({ title: 'The state does not allow this', status: 409 }), {
        status: 409,
      }),
    ),
  );
  const { user } = open('/metrics');
  server.use(http.get('*/metrics', () => HttpResponse.json(series([]))));
  await user.click(await screen.findByRole('button', { name: 'Pause' }));
  expect(await screen.findByText('The state does not allow this')).toBeVisible();
});

test('delete requires the name and returns to Home', async () => {
  const asked: string[] = [];
  server.use(
    http.delete('*/api/v1/deployments/dep_01JD8Q', ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json(deployment('deleted'), { status: 202 });
    }),
  );
  const { user } = open('/settings');
  await user.click(await screen.findByRole('button', { name: 'Delete' }));
  const dialog = await screen.findByRole('dialog');
  const confirm = within(dialog).getByRole('button', { name: 'Delete movie-sentiment' });
  await user.type(within(dialog).getByLabelText('Name'), 'movie');
  expect(confirm).toBeDisabled();
  await user.type(within(dialog).getByLabelText('Name'), '-sentiment');
  await user.click(confirm);
  expect(await screen.findByText('home')).toBeVisible();
  expect(asked).toEqual(['?purge=false']);
});

test('distinguishes unknown from deleted deployments', async () => {
  const answers = { x: 404, y: 410 };
  for (const [id, status] of Object.entries(answers)) {
    server.use(
      http.get(`*/api/v1/deployments/${id}`, () =>
        HttpResponse.json(problem({ status }), { status }),
      ),
    );
    const page = <DeploymentPage playground={null} Evidence={Evidence} />;
    const { unmount } = renderAt(page, { at: `/deployments/${id}`, path: '/deployments/:id' });
    const title = status === 410 ? 'This deployment was deleted' : 'No deployment is called x';
    expect(await screen.findByText(title)).toBeVisible();
    unmount();
  }
});

const moment = (second: number, changes: Partial<Moment> = {}): Moment => ({
  at: new Date(Date.UTC(2026, 0, 2, 10, 0, second)).toISOString(),
  seconds: 5,
  requests: { '2xx': 7 },
  latency_ms: { p50: 10, p90: 12, p95: 14, p99: 20 },
  queue_depth: 0,
  in_flight: 0,
  batch_size: 2,
  memory_bytes: 400e6,
  ...changes,
});

const series = (moments: Moment[]): Series => ({
  window_seconds: 900,
  interval_seconds: 5,
  moments,
  requests: { '2xx': 14 },
  requests_per_minute: 84,
  latency_ms: { p50: 10, p90: 12, p95: 14, p99: 20 },
});

test('metrics are available as a table for the time range in the URL', async () => {
  const windows: (string | null)[] = [];
  server.use(
    http.get('*/metrics', ({ request }) => {
      windows.push(new URL(request.url).searchParams.get('window'));
      return HttpResponse.json(series([moment(0), moment(5, { requests: { '5xx': 3 } })]));
    }),
  );
  const { user, router } = open('/metrics?view=table&window=1h');
  const rows = await screen.findAllByRole('row');
  expect(rows).toHaveLength(3);
  // Newest first.
  expect(within(rows[1] as HTMLElement).getAllByRole('cell')[2]).toHaveTextContent('3');
  expect(screen.getByText(/3 requests failed with a 5xx status/)).toBeVisible();
  expect(rows.map((row) => row.textContent?.includes('load test'))).toEqual([false, true, false]);
  await user.click(screen.getByRole('radio', { name: '5 min' }));
  await waitFor(() => expect(windows).toEqual(['1h', '5m']));
  expect(router.state.location.search).toBe('?view=table&window=5m');
});

test('reports that there are no metrics yet', async () => {
  server.use(http.get('*/metrics', () => HttpResponse.json(series([]))));
  open('/metrics');
  expect(await screen.findByText('No metrics in this window')).toBeVisible();
});

test('the log is followed, searchable and shown unchanged', async () => {
  const queries: string[] = [];
  server.use(
    http.get('*/deployments/dep_01JD8Q/logs', ({ request }) => {
      queries.push(new URL(request.url).search);
      return HttpResponse.text('loading\n\u001b[31mERROR\u001b[0m out of memory\nready\n');
    }),
  );
  const { user } = open('/logs');
  expect(await screen.findByText('ERROR out of memory')).toBeVisible();
  expect(screen.getByText('The model server that wrote this log has stopped')).toBeVisible();
  await user.type(screen.getByRole('textbox', { name: 'Search the log' }), 'memo');
  expect(screen.getByText('1 of 3 lines')).toBeVisible();
  expect(screen.queryByText('loading')).toBeNull();
  expect(document.querySelector('mark')).toHaveTextContent('memo');
  expect(queries).toEqual(['?tail=1000&follow=true']);
});
