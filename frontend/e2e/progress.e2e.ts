/** A launch from its first step to its endpoint, against a Hub whose speed and faults we set. */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Hub, startHub } from './hub';
import { ROOT } from './plane';
import { isAccessibleInBothSchemes, shot } from './screens';
import { everySnippet } from './snippets';
import { type Stage, setStage } from './stage';

const MODELS = ['slow', 'stalling', 'dropped', 'retried'] as const;
/** What is read while validating comes at once, for the Hub's answers have a short limit there. */
const HEAD_BYTES = 400_000;
/** Two minutes for the rest, so that a download is still one when it is looked at. */
const SLOW = { kind: 'throttle', after: HEAD_BYTES, rate: 10_000 };
const STALL = { kind: 'stall', after: HEAD_BYTES };

let folder: string;
let hub: Hub;
let stage: Stage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-progress-'));
  const acme = join(folder, 'models', 'acme');
  await mkdir(acme, { recursive: true });
  for (const name of MODELS) {
    await cp(join(ROOT, 'backend/starters/sentiment'), join(acme, name), { recursive: true });
  }
  hub = await startHub(join(folder, 'models'));
  stage = await setStage({ HF_ENDPOINT: hub.url, DOWNLOAD_STALL_SECONDS: '8' });
});

afterAll(async () => {
  await stage?.stop();
  hub?.stop();
  await rm(folder, { recursive: true, force: true });
});

const deploy = (name: string, body: Record<string, unknown> = {}) =>
  stage.deploy({ model_id: `acme/${name}`, name, ...body });

const visit = (name: string, options = {}) => stage.open(`/deployments/${name}/progress`, options);

const percent = async (page: Page): Promise<number> =>
  Number(await page.getByRole('progressbar', { name: 'Launch' }).getAttribute('aria-valuenow'));

const launched = (page: Page): Promise<void> =>
  page.getByRole('heading', { level: 1, name: /is launched/ }).waitFor();

test('a download survives a reload, is the same in two tabs, and ends in a working endpoint', async () => {
  await hub.does([SLOW]);
  await deploy('slow');
  const { page, faults } = await visit('slow');
  await page.getByText('Received').waitFor();
  await isAccessibleInBothSchemes(page);
  await shot(page, 'progress-light');
  const before = await percent(page);
  await page.reload();
  await page.getByRole('heading', { name: 'Downloading the model' }).waitFor();
  expect(await percent(page)).toBeGreaterThanOrEqual(before);
  const other = await visit('slow', { viewport: { width: 360, height: 800 }, colorScheme: 'dark' });
  await other.page.getByText('Received').waitFor();
  const [here, there] = await Promise.all([percent(page), percent(other.page)]);
  expect(Math.abs(here - there)).toBeLessThanOrEqual(5);
  await shot(other.page, 'progress-dark-360');
  await hub.does([]);
  await Promise.all([launched(page), launched(other.page)]);
  for (const [tab, name] of [
    [page, 'success-light'],
    [other.page, 'success-dark-360'],
  ] as const) {
    await tab.getByRole('tab', { name: 'curl' }).waitFor();
    await shot(tab, name);
    await isAccessibleInBothSchemes(tab);
  }
  expect([...faults, ...other.faults]).toEqual([]);
  const answers = await everySnippet(page);
  expect([...answers.keys()]).toEqual(['curl', 'Python', 'InferenceClient', 'JavaScript']);
  for (const [label, said] of answers) expect(said, label).toContain('POSITIVE');
});

test('a stall is shown with its retry and disappears when bytes arrive', async () => {
  await hub.does([STALL]);
  await deploy('stalling');
  const { page } = await visit('stalling');
  await page.getByRole('heading', { name: 'The download has stalled' }).waitFor();
  await page.getByRole('heading', { name: /the download resumes/ }).waitFor();
  await shot(page, 'progress-stalled-light');
  await hub.does([]);
  await launched(page);
});

test('a launch can be cancelled and started again', async () => {
  await hub.does([SLOW]);
  await deploy('dropped');
  const { page } = await visit('dropped');
  await page.getByText('Received').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel launch' }).click();
  await page.getByRole('heading', { name: 'The launch was cancelled' }).waitFor();
  await isAccessibleInBothSchemes(page);
  await hub.does([]);
  await page.getByRole('button', { name: 'Launch again' }).click();
  await launched(page);
});

test('a failure shows the reason, and its remedy button works', async () => {
  await hub.does([]);
  await deploy('retried', { hardware: { memory_limit_gb: 0.1 } });
  const { page } = await visit('retried');
  await page.getByRole('alert').waitFor();
  await isAccessibleInBothSchemes(page);
  await shot(page, 'progress-failed-light');
  await page.getByRole('button', { name: /^Raise limit to .* and retry$/ }).click();
  await launched(page);
});
