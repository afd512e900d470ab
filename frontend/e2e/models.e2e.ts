/** The Models page: what is on this machine, what each folder is, who uses it, and how to delete it. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Hub, startHub } from './hub';
import { until } from './patience';
import { ROOT } from './plane';
import { isAccessibleInBothSchemes, shot } from './screens';
import { type Stage, setStage } from './stage';

const MODEL = join(ROOT, 'backend/starters/sentiment');
const NARROW = { viewport: { width: 360, height: 800 } };
/** Folders that are no transformers model, by the name that the page must give them. */
const OTHERS = [
  ['Flax weights', ['flax_model.msgpack']],
  ['GGUF files', ['model-q4_k_m-00001-of-00002.gguf']],
  ['TensorFlow weights', ['tf_model.h5']],
  ['No model', ['notes.txt']],
] as const;

let folder: string;
let hub: Hub;
let stage: Stage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-models-'));
  for (const name of ['used', 'unused']) {
    await cp(MODEL, join(folder, 'acme', name), { recursive: true });
  }
  hub = await startHub(folder);
  stage = await setStage({ HF_ENDPOINT: hub.url });
});

afterAll(async () => {
  await stage?.stop();
  hub?.stop();
  await rm(folder, { recursive: true, force: true });
});

const section = (page: Page, name: string) => page.getByRole('region', { name });

const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });

test('a new installation shows where to put models', async () => {
  const { page, faults } = await stage.open('/models');
  await section(page, 'Starters').getByText('sentiment').first().waitFor();
  await section(page, 'Local folders')
    .getByText(join(stage.storage, 'local'), { exact: false })
    .waitFor();
  await section(page, 'Cached models').getByText('No cached models.').waitFor();
  await isAccessibleInBothSchemes(page);
  await shot(page, 'models-empty-light', true);
  expect(faults).toEqual([]);
});

test('every model shows type, size, fit and deployments; undeployable models show the reason', async () => {
  await cp(MODEL, join(stage.storage, 'local/mine'), { recursive: true });
  for (const [kind, files] of OTHERS) {
    for (const file of files) {
      const path = join(stage.storage, 'local', kind.replace(' ', '-').toLowerCase(), file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, 'x');
    }
  }
  for (const name of ['used', 'unused']) await stage.deploy({ model_id: `acme/${name}`, name });
  await stage.deploy({ model_id: 'mine', source: 'local', name: 'my-copy' });
  for (const name of ['used', 'unused', 'my-copy']) await stage.running(name);
  await fetch(`${stage.url}/api/v1/deployments/unused`, { method: 'DELETE' });
  await until('unused is deleted', async () =>
    (await fetch(`${stage.url}/api/v1/deployments/unused`)).status === 404 ? true : null,
  );

  const { page, faults } = await stage.open('/models');
  const mine = row(page, 'mine');
  await mine.getByRole('link', { name: 'my-copy' }).waitFor();
  await mine.getByText('Fits').waitFor();
  await mine.getByText('text-classification').waitFor();
  for (const [kind] of OTHERS) {
    const other = row(page, kind.replace(' ', '-').toLowerCase());
    await other.getByText(kind, { exact: true }).waitFor();
    expect(await other.getByRole('link', { name: /^Deploy/ }).count()).toBe(0);
  }
  await row(page, 'gguf-files')
    .getByText('No GGUF file is a whole model: parts of it are missing.')
    .waitFor();
  await row(page, 'acme/used').getByRole('link', { name: 'used', exact: true }).waitFor();
  await isAccessibleInBothSchemes(page);
  await shot(page, 'models-light', true);
  const narrow = await stage.open('/models', { ...NARROW, colorScheme: 'dark' });
  await row(narrow.page, 'mine').waitFor();
  await shot(narrow.page, 'models-dark-360', true);
  await isAccessibleInBothSchemes(narrow.page);
  const dark = await stage.open('/models', { colorScheme: 'dark' });
  await row(dark.page, 'mine').waitFor();
  await shot(dark.page, 'models-dark', true);

  await mine.getByRole('link', { name: 'Deploy mine' }).click();
  await page.waitForURL(/\/deploy\/review\?source=local&model=mine/);
  await page.getByRole('heading', { level: 1, name: 'Ready to launch' }).waitFor();
  expect([...faults, ...narrow.faults, ...dark.faults]).toEqual([]);
});

test('search and sort order survive a reload, and an empty search can be cleared', async () => {
  const { page } = await stage.open('/models');
  await page.getByRole('searchbox', { name: 'Search models' }).pressSequentially('my-copy');
  await row(page, 'digits').waitFor({ state: 'detached' });
  await page.reload();
  await row(page, 'mine').waitFor();
  expect(await page.getByRole('row', { name: /Deploy/ }).count()).toBe(1);
  await page.getByRole('searchbox', { name: 'Search models' }).fill('instrct');
  await page.getByText('No model matches “instrct”.').waitFor();
  await page.getByRole('button', { name: 'Clear search' }).click();
  await section(page, 'Starters').waitFor();
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('size');
  await page.waitForURL(/\?sort=size$/);
  const names = await section(page, 'Starters').getByRole('rowheader').allTextContents();
  await page.reload();
  await section(page, 'Starters').waitFor();
  expect(await section(page, 'Starters').getByRole('rowheader').allTextContents()).toEqual(names);
  expect(names).not.toEqual(names.toSorted());
});

test('a model in use lists its deployments instead of being deleted; an unused one is deleted after confirmation', async () => {
  const { page, faults } = await stage.open('/models');
  await page.getByRole('button', { name: 'Delete acme/used' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('is used by').waitFor();
  await dialog.getByRole('link', { name: 'used', exact: true }).waitFor();
  await isAccessibleInBothSchemes(page);
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await page.getByRole('button', { name: 'Delete acme/unused' }).click();
  await dialog.getByText('downloads it again').waitFor();
  await isAccessibleInBothSchemes(page);
  await shot(page, 'models-delete-light');
  await dialog.getByRole('button', { name: 'Delete acme/unused' }).click();
  await row(page, 'acme/unused').waitFor({ state: 'detached' });
  await page.getByText(/^1 cached model, /).waitFor();
  expect(faults).toEqual([]);
});
