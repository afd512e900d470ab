/** Playground and deployment page in a real browser; every command they show is run. */
import { execFileSync } from 'node:child_process';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeFindings, open, type Plane, shot, startBrowser, startPlane } from './harness';

const STARTERS = ['sentiment', 'digits', 'tones', 'stories'] as const;
const WIDE: BrowserContextOptions = {};
const NARROW: BrowserContextOptions = {
  viewport: { width: 360, height: 800 },
  colorScheme: 'dark',
};

let plane: Plane;
let browser: Browser;

const api = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${plane.url}/api/v1${path}`, init);

async function running(name: string): Promise<void> {
  const deadline = Date.now() + 170_000;
  let state = '';
  while (Date.now() < deadline) {
    const found = (await (await api(`/deployments/${name}`)).json()) as { state: string };
    state = found.state;
    if (state === 'running') return;
    if (state === 'failed') break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${name} is ${state}`);
}

beforeAll(async () => {
  [plane, browser] = await Promise.all([startPlane(), startBrowser()]);
  for (const name of STARTERS) {
    await api('/deployments', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model_id: name, source: 'starter', name }),
    });
  }
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await plane?.stop();
});

async function visit(name: string, tab: string, options = WIDE) {
  await running(name);
  const { page, faults } = await open(browser, `${plane.url}/deployments/${name}${tab}`, options);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  return { page, faults };
}

async function isSound(page: Page, faults: string[]): Promise<void> {
  expect(await axeFindings(page)).toEqual([]);
  const hidden = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(hidden).toBe(0);
  expect(faults).toEqual([]);
}

/** What the terminal answers to the command that the page shows. */
async function curlOf(page: Page): Promise<string> {
  await page.getByRole('tab', { name: 'curl' }).click();
  const command = (await page.getByRole('region', { name: 'curl' }).textContent()) ?? '';
  return execFileSync('bash', ['-c', command.replace(/\bcurl /, 'curl -sS ')], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

describe.each([
  ['sentiment', 'text'],
  ['digits', 'image'],
  ['tones', 'audio'],
])('%s', (name, kind) => {
  test.each([
    ['wide', WIDE],
    ['narrow dark', NARROW],
  ])(`the sample of ${kind} runs with one press, %s`, async (width, options) => {
    const { page, faults } = await visit(name, '/playground', options);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText(/^[\d.]+% sure$/).waitFor();
    await isSound(page, faults);
    await shot(page, `playground-${kind}-${width.replace(' ', '-')}`);
    const told = JSON.parse(await curlOf(page)) as unknown;
    await page.getByRole('tab', { name: 'Response' }).click();
    const shown = JSON.parse(
      (await page.getByRole('region', { name: 'Response' }).textContent()) ?? '',
    );
    expect(JSON.stringify(told).match(/"label":"[^"]*"/g)).toEqual(
      JSON.stringify(shown).match(/"label":"[^"]*"/g),
    );
    await page.context().close();
  });
});

test('a conversation streams, stops where Send was, and keeps what was said', async () => {
  const { page, faults } = await visit('stories', '/playground');
  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill('Tell a story about a harbour.');
  await message.press('Enter');
  await page.getByText(/^\d+ tokens · .* per second/).waitFor();
  const stop = page.getByRole('button', { name: 'Stop' });
  if (await stop.isVisible()) await stop.click();
  await page.getByText(/first after/).waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await isSound(page, faults);
  await shot(page, 'playground-chat-wide');
  expect(await curlOf(page)).toMatch(/^data: \{/m);
  await page.context().close();
});

describe.each([
  ['wide', WIDE],
  ['narrow-dark', NARROW],
])('the deployment page, %s', (width, options) => {
  test.each([
    ['overview', '', /^Proof/],
    ['metrics', '/metrics', /^per minute/],
    ['metrics-table', '/metrics?view=table', /^p99 ms/],
    ['logs', '/logs', /Started server process/],
    ['settings', '/settings', /^Restart/],
  ])('%s stands by itself after a reload', async (name, tab, settled) => {
    const { page, faults } = await visit('sentiment', tab, options);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'sentiment' }).waitFor();
    await page.getByText(settled).first().waitFor();
    await isSound(page, faults);
    await shot(page, `deployment-${name}-${width}`);
    await page.context().close();
  });
});

test('pause, resume and delete by the page', async () => {
  const { page, faults } = await visit('tones', '/settings');
  const rows = page.getByRole('region', { name: 'Life' });
  await rows.getByRole('button', { name: 'Pause' }).click();
  await rows.getByRole('button', { name: 'Resume' }).waitFor();
  await rows.getByRole('button', { name: 'Resume' }).click();
  await running('tones');
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('tones');
  await dialog.getByRole('button', { name: 'Delete tones' }).click();
  await page.waitForURL(`${plane.url}/`);
  expect((await api('/deployments/tones')).status).toBe(404);
  expect(faults).toEqual([]);
  await page.context().close();
});
