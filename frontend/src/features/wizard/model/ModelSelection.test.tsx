import { screen, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { card, detail, problem, system } from '@/test/fixtures';
import { renderAt } from '@/test/render';
import { server } from '@/test/server';
import { DeploymentWizard } from '../DeploymentWizard';

const STARTER = card('sentiment', { source: 'starter', title: 'Sentiment' });

const BASE = {
  id: 'meta/base',
  source: 'hub',
  commit: 'abc1234def',
  license: 'llama3',
  gated: true,
  page: 'https://hub.example/meta/base',
} as const;

interface Asked {
  hub: string[];
  tokens: unknown[];
}

function serve(hub: () => Response): Asked {
  const asked: Asked = { hub: [], tokens: [] };
  server.use(
    http.get('*/api/v1/system', () => HttpResponse.json(system())),
    http.get('*/api/v1/tasks', () => HttpResponse.json([])),
    http.get('*/api/v1/deployments', () => HttpResponse.json({ items: [], next_cursor: null })),
    http.post('*/api/v1/preflight', () =>
      HttpResponse.json(problem({ status: 503 }), { status: 503 }),
    ),
    http.get('*/api/v1/models', ({ request }) => {
      const query = new URL(request.url).searchParams;
      const search = query.get('search') ?? '';
      if (query.get('source') === 'hub') {
        asked.hub.push(search);
        return hub();
      }
      const items =
        query.get('source') === 'starter' && 'sentiment'.includes(search) ? [STARTER] : [];
      return HttpResponse.json({ items, next_cursor: null });
    }),
    http.get('*/api/v1/models/:source/*', ({ request }) => {
      const id = new URL(request.url).pathname.split('/').slice(5).join('/');
      const base = id.endsWith('-lora') ? BASE : null;
      const vocoder = id.endsWith('-tts') ? BASE : null;
      return HttpResponse.json(detail(id, { gated: id.startsWith('meta/'), base, vocoder }));
    }),
    http.put('*/api/v1/system/hub-token', async ({ request }) => {
      asked.tokens.push(await request.json());
      return HttpResponse.json({ endpoint: '', has_token: true, offline: false });
    }),
  );
  return asked;
}

const page = (...ids: string[]) =>
  HttpResponse.json({ items: ids.map((id) => card(id)), next_cursor: null });
const open = () => renderAt(<DeploymentWizard />, { at: '/deploy/model', path: '/deploy/:screen' });
const search = () => screen.getByRole('searchbox', { name: /Search models/ });

beforeEach(() => sessionStorage.clear());

test('the search is debounced', async () => {
  const asked = serve(() => page('Qwen/Qwen2.5'));
  const { user } = open();
  await screen.findByRole('radio', { name: /Qwen2\.5/ });
  await user.type(search(), 'instruct');
  await waitFor(() => expect(asked.hub.at(-1)).toBe('instruct'));
  expect(asked.hub.filter((text) => text !== '' && text !== 'instruct')).toEqual([]);
});

test('an unreachable Hub is reported, and starters can be deployed', async () => {
  serve(() =>
    HttpResponse.json(
      problem({ code: 'hub-unreachable', title: 'The Hub does not answer', status: 503 }),
      {
        status: 503,
      },
    ),
  );
  const { user } = open();
  expect(await screen.findByText('The Hub does not answer')).toBeVisible();
  await user.type(search(), 'nothing like it');
  await waitFor(() => expect(screen.getByRole('radio', { name: /sentiment/ })).toBeChecked());
  expect(screen.getByRole('button', { name: 'Continue' })).toBeEnabled();
});

test('a pasted URL is looked up and preselected', async () => {
  serve(() => page());
  const { user } = open();
  await screen.findByRole('radio', { name: /sentiment/ });
  await user.click(search());
  await user.paste('https://huggingface.co/acme/model/tree/v2');
  await waitFor(() => expect(screen.getByRole('radio', { name: /^acme\/model/ })).toBeChecked());
});

test('a gated model links to its page and accepts a token, which Enter saves', async () => {
  const asked = serve(() => page('meta/llama'));
  const { user } = open();
  await user.click(await screen.findByRole('radio', { name: /meta\/llama/ }));
  expect(await screen.findByRole('link', { name: /Terms and licence/ })).toHaveAttribute(
    'href',
    'https://huggingface.co/meta/llama',
  );
  await user.type(screen.getByLabelText('Hub token'), 'hf_secret{Enter}');
  expect(await screen.findByText(/only your user can read/)).toBeVisible();
  expect(asked.tokens).toEqual([{ token: 'hf_secret' }]);
  expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Which model?');
  expect(JSON.stringify(sessionStorage)).not.toContain('hf_secret');
});

test('no result offers to clear the filters', async () => {
  serve(() => page('Qwen/Qwen2.5'));
  const { user } = open();
  await screen.findByRole('radio', { name: /Qwen2\.5/ });
  await user.click(screen.getByRole('button', { name: /Under 500 MB/ }));
  await user.click(await screen.findByRole('button', { name: 'Clear filters' }));
  expect(await screen.findByRole('radio', { name: /Qwen2\.5/ })).toBeVisible();
});

test('a model that generates spectrograms shows its vocoder, with the licence', async () => {
  serve(() => page('acme/small-tts'));
  const { user } = open();
  await user.click(await screen.findByRole('radio', { name: /small-tts/ }));
  expect(await screen.findByText('Vocoder')).toBeVisible();
  expect(screen.getByText('meta/base at', { exact: false })).toBeVisible();
  expect(screen.getByText('apache-2.0; vocoder: llama3')).toBeVisible();
});

test('an adapter shows its base model, with the licence and the terms of it', async () => {
  serve(() => page('meta/tuned-lora'));
  const { user } = open();
  await user.click(await screen.findByRole('radio', { name: /tuned-lora/ }));
  expect(await screen.findByText('meta/base at', { exact: false })).toBeVisible();
  expect(screen.getByText('abc1234')).toBeVisible();
  expect(screen.getByText('apache-2.0; base model: llama3')).toBeVisible();
  expect(screen.getByRole('link', { name: /Terms and licence/ })).toHaveAttribute(
    'href',
    'https://hub.example/meta/base',
  );
});
