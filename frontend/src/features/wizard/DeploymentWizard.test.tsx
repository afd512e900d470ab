import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import type { DeploymentBody, ModelCard, Preflight, Problem } from '@/api/types';
import { card, deployment, detail, problem, system } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { DeploymentWizard } from './DeploymentWizard';

const STARTER = card('sentiment', {
  source: 'starter',
  title: 'Sentiment',
  task: 'text-classification',
});
const QWEN = card('Qwen/Qwen2.5-1.5B');

const verdict = (changes: Partial<Preflight> = {}): Preflight => ({
  verdict: 'ok',
  items: [
    {
      code: 'source',
      verdict: 'ok',
      title: 'Model found',
      detail: 'at 989aa79',
      remedy: null,
      problem_code: null,
    },
  ],
  expected_speed: null,
  download_bytes: 0,
  estimated_memory_bytes: 3.8e9,
  ...changes,
});

interface Sent {
  deployed: DeploymentBody[];
  checked: DeploymentBody[];
}

/** The API, as small as these tests need it. */
function serve({
  preflight = verdict(),
  refusal,
}: {
  preflight?: Preflight;
  refusal?: Problem;
} = {}): Sent {
  const sent: Sent = { deployed: [], checked: [] };
  const cards: Record<string, ModelCard[]> = {
    starter: [STARTER],
    hub: [QWEN],
    local: [],
    cached: [],
  };
  server.use(
    http.get('*/api/v1/system', () => HttpResponse.json(system())),
    http.get('*/api/v1/tasks', () => HttpResponse.json([])),
    http.get('*/api/v1/deployments', () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get('*/api/v1/models', ({ request }) => {
      const query = new URL(request.url).searchParams;
      const words = (query.get('search') ?? '').toLowerCase();
      const items = (cards[query.get('source') ?? ''] ?? []).filter((one) =>
        one.id.toLowerCase().includes(words),
      );
      return HttpResponse.json({ items, next_cursor: null });
    }),
    http.get('*/api/v1/models/:source/*', ({ request }) => {
      const id = new URL(request.url).pathname.split('/').slice(5).join('/');
      return HttpResponse.json(detail(id, { source: id === 'sentiment' ? 'starter' : 'hub' }));
    }),
    http.post('*/api/v1/preflight', async ({ request }) => {
      sent.checked.push((await request.json()) as DeploymentBody);
      return HttpResponse.json(preflight);
    }),
    http.post('*/api/v1/deployments', async ({ request }) => {
      sent.deployed.push((await request.json()) as DeploymentBody);
      return refusal
        ? HttpResponse.json(refusal, { status: refusal.status })
        : HttpResponse.json(deployment('pending', { id: 'dep_new' }), { status: 202 });
    }),
  );
  return sent;
}

const open = (at = '/deploy/model') =>
  renderAt(<DeploymentWizard />, {
    at,
    path: '/deploy/:screen',
    others: [{ path: '/deployments/:id/progress', element: <h1>Launch</h1> }],
  });

const title = (name: string) => screen.findByRole('heading', { level: 1, name });

beforeEach(() => sessionStorage.clear());

test('Enter on every screen deploys the preselected model with defaults', async () => {
  const sent = serve();
  const { user } = open();
  await waitFor(() => expect(screen.getByRole('radio', { name: /^sentiment/ })).toBeChecked());
  for (const next of [
    'How should it run?',
    'Which dependencies?',
    'How should it be served?',
    'Ready to launch',
  ]) {
    await user.keyboard('{Enter}');
    await title(next);
  }
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Deploy sentiment' })).toBeEnabled(),
  );
  await user.keyboard('{Enter}');
  await title('Launch');
  expect(sent.deployed).toEqual([{ name: 'sentiment', model_id: 'sentiment', source: 'starter' }]);
});

test('Deploy sends the body that preflight checked and the page shows', async () => {
  const sent = serve();
  const { user } = open('/deploy/hardware?source=hub&model=Qwen/Qwen2.5-1.5B');
  await user.click(await screen.findByRole('radio', { name: 'bfloat16' }));
  await user.click(screen.getByRole('link', { name: 'Review' }));
  await title('Ready to launch');
  await user.click(screen.getByRole('tab', { name: 'POST body' }));
  const shown = within(screen.getByRole('tabpanel')).getByRole('region', {
    name: 'POST body',
  }).textContent;
  await user.click(screen.getByRole('button', { name: /^Deploy / }));
  await title('Launch');
  expect(sent.deployed).toHaveLength(1);
  expect(JSON.parse(shown ?? '')).toEqual(sent.deployed[0]);
  expect(sent.checked.at(-1)).toEqual(sent.deployed[0]);
  expect(sent.deployed[0]).toMatchObject({ hardware: { dtype: 'bfloat16' } });
});

test('navigation and reload keep the selection', async () => {
  serve();
  const first = open('/deploy/settings?source=hub&model=Qwen/Qwen2.5-1.5B');
  await first.user.type(await screen.findByRole('textbox', { name: 'Name' }), 'support-chat');
  await first.user.click(screen.getByRole('button', { name: 'Dependencies' }));
  await title('Which dependencies?');
  await first.user.click(screen.getByRole('button', { name: 'Continue' }));
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('support-chat');
  first.unmount();
  open('/deploy/settings?source=hub&model=Qwen/Qwen2.5-1.5B');
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('support-chat');
});

test('blocking problems come first with remedies, and Deploy is disabled', async () => {
  const item = {
    code: 'memory',
    verdict: 'block' as const,
    title: 'The model does not fit in memory',
    detail: 'Needs 33 GB.',
    remedy: 'Choose a smaller model.',
    problem_code: 'not-enough-memory',
  };
  serve({ preflight: verdict({ verdict: 'block', items: [...verdict().items, item] }) });
  const { user } = open('/deploy/review?source=hub&model=Qwen/Qwen2.5-1.5B');
  await title('Not ready to launch');
  const [top] = within(screen.getByRole('main')).getAllByRole('listitem');
  expect(top).toHaveTextContent('Choose a smaller model.');
  await waitFor(() => expect(screen.getByRole('button', { name: /^Deploy / })).toBeDisabled());
  await user.click(screen.getByRole('button', { name: 'Change hardware' }));
  await title('How should it run?');
});

test('an error is shown next to Deploy', async () => {
  serve({
    refusal: problem({
      code: 'name-taken',
      status: 409,
      detail: 'There is a qwen2.5-1.5b already.',
    }),
  });
  const { user } = open('/deploy/review?source=hub&model=Qwen/Qwen2.5-1.5B');
  await title('Ready to launch');
  await user.click(screen.getByRole('button', { name: /^Deploy / }));
  expect(await screen.findByText('There is a qwen2.5-1.5b already.')).toBeVisible();
});

test('a later screen without a model redirects to model selection', async () => {
  serve();
  open('/deploy/review');
  await title('Which model?');
});

test('an unavailable option shows the reason and is disabled', async () => {
  serve();
  const { user } = open('/deploy/hardware?source=hub&model=Qwen/Qwen2.5-1.5B');
  const gpu = await screen.findByRole('radio', { name: 'NVIDIA GPU' });
  expect(gpu).toHaveAccessibleDescription('No NVIDIA driver found');
  await user.click(gpu);
  expect(gpu).not.toBeChecked();
});

test('remote code has its own checkbox, off by default, and pins the commit', async () => {
  const sent = serve();
  server.use(
    http.get('*/api/v1/models/:source/*', () =>
      HttpResponse.json(detail('Qwen/Qwen2.5-1.5B', { needs_remote_code: true })),
    ),
  );
  const { user } = open('/deploy/dependencies?source=hub&model=Qwen/Qwen2.5-1.5B');
  const box = await screen.findByRole('checkbox', { name: "Run this repository's code" });
  expect(box).not.toBeChecked();
  await user.click(box);
  await waitFor(() =>
    expect(sent.checked.at(-1)).toMatchObject({
      allow: { remote_code: true },
      revision: '989aa7980e4c989aa7980e4c989aa7980e4c989a',
    }),
  );
});

test('deploying again starts from the old request with a new name', async () => {
  const sent = serve();
  const old = deployment('failed', { id: 'dep_old', name: 'sentiment' });
  const request = { ...old.request, hardware: { ...old.request.hardware, threads: 4 } };
  server.use(
    http.get('*/api/v1/deployments', () => HttpResponse.json({ items: [old], next_cursor: null })),
    http.get('*/api/v1/deployments/dep_old', () => HttpResponse.json({ ...old, request })),
  );
  const { user } = open('/deploy/review?again=dep_old');
  await title('Ready to launch');
  await user.click(screen.getByRole('button', { name: 'Deploy sentiment-2' }));
  await title('Launch');
  expect(sent.deployed).toEqual([
    { name: 'sentiment-2', model_id: 'sentiment', source: 'starter', hardware: { threads: 4 } },
  ]);
});
