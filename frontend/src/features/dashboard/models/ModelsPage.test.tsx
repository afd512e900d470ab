import { screen, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { CachedModel, ModelCard } from '@/api/types';
import { card, problem } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { ModelsPage } from './ModelsPage';

const cached: CachedModel = {
  source: 'hub',
  model_id: 'acme/moods',
  commits: [],
  bytes: 268e6,
  directory: '/cache/acme',
  last_used_at: null,
  freeable: true,
  used_by: [],
};

interface Given {
  local?: ModelCard[];
  items?: CachedModel[];
}

function serve({ local = [], items = [] }: Given) {
  const cards: Record<string, ModelCard[]> = {
    starter: [card('sentiment', { source: 'starter' })],
    local,
    cached: items.map((one) => card(one.model_id, { source: 'cached', used_by: one.used_by })),
  };
  server.use(
    http.get('*/api/v1/models', ({ request }) => {
      const source = new URL(request.url).searchParams.get('source') ?? '';
      return HttpResponse.json({
        items: cards[source],
        next_cursor: null,
        directory: source === 'local' ? '/data/local' : null,
      });
    }),
    http.get('*/api/v1/cache', () =>
      HttpResponse.json({
        items,
        next_cursor: null,
        directory: '/cache',
        total_bytes: items.reduce((sum, one) => sum + one.bytes, 0),
        disk_free_bytes: 118e9,
      }),
    ),
  );
}

const show = () => renderAt(<ModelsPage />, { at: '/models', path: '/models' });

test('empty sections show the folder for their models', async () => {
  serve({});
  show();
  expect(await screen.findByText('/data/local')).toBeVisible();
  expect(screen.getByText('/cache')).toBeVisible();
  expect(screen.getByText('The cache is empty; 118 GB free on disk')).toBeVisible();
});

test('an undeployable folder shows its format and the reason, without a Deploy button', async () => {
  const note = 'Adapters without their base model are not supported yet.';
  serve({
    local: [card('lora', { source: 'local', kind: 'PEFT adapter', served: false, note })],
  });
  show();
  const row = await screen.findByRole('row', { name: /lora/ });
  expect(within(row).getByText('PEFT adapter')).toBeVisible();
  expect(within(row).getByText(note)).toBeVisible();
  expect(within(row).queryByRole('link', { name: /Deploy/ })).toBeNull();
});

test('a model in use lists its deployments instead of the confirmation', async () => {
  serve({ items: [{ ...cached, used_by: ['shop', 'films'] }] });
  const { user } = show();
  await user.click(await screen.findByRole('button', { name: 'Delete acme/moods' }));
  const dialog = await screen.findByRole('dialog');
  expect(
    within(dialog)
      .getAllByRole('link')
      .map((link) => link.textContent),
  ).toEqual(['shop', 'films']);
  expect(within(dialog).queryByRole('button', { name: /Delete/ })).toBeNull();
});

test('a model in the cache of another program cannot be deleted', async () => {
  serve({ items: [{ ...cached, freeable: false }] });
  const { user } = show();
  await user.click(await screen.findByRole('button', { name: 'Delete acme/moods' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog).toHaveTextContent('in the cache of another program');
  expect(within(dialog).queryByRole('button', { name: /Delete/ })).toBeNull();
});

test('a rejected deletion shows the reason and keeps the row', async () => {
  serve({ items: [cached] });
  server.use(
    http.delete('*/api/v1/cache/hub/acme/moods', () =>
      HttpResponse.json(problem({ status: 409, detail: "'acme/moods' is used by late." }), {
        status: 409,
        headers: { 'Content-Type': 'application/problem+json' },
      }),
    ),
  );
  const { user } = show();
  await user.click(await screen.findByRole('button', { name: 'Delete acme/moods' }));
  const dialog = await screen.findByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: 'Delete acme/moods' }));
  expect(await within(dialog).findByText("'acme/moods' is used by late.")).toBeVisible();
});
