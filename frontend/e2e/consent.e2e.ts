/** Models that want a token or a consent: the wizard asks in its place, and then they work. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelDetail } from '@/api/types';
import { type Hub, startHub } from './hub';
import { inherited, PYTHON, ROOT } from './plane';
import { isAccessibleInBothSchemes, shot } from './screens';
import { type Stage, setStage } from './stage';

// As tests/fakes/unsafe_repositories.py has it.
const TOKEN = `hf_${'r'.repeat(20)}`;

let folder: string;
let hub: Hub;
let stage: Stage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-consent-'));
  const options = { cwd: ROOT, env: inherited() };
  await promisify(execFile)(PYTHON, ['-m', 'tests.fakes.unsafe_repositories', folder], options);
  hub = await startHub(folder);
  stage = await setStage({ HF_ENDPOINT: hub.url });
});

afterAll(async () => {
  await stage?.stop();
  hub?.stop();
  await rm(folder, { recursive: true, force: true });
});

const screen = (name: string, model: string) => stage.open(`/deploy/${name}?model=acme/${model}`);

const title = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name }).waitFor();

const commitOf = async (model: string): Promise<string> => {
  const { commit } = await stage.ask<ModelDetail>(`/models/hub/acme/${model}`);
  return commit ?? '';
};

/** From the screen that is shown to the endpoint, with what Continue and Deploy do. */
async function launch(page: Page, model: string): Promise<void> {
  const review = page.getByRole('heading', { level: 1, name: 'Ready to launch' });
  while (!page.url().includes('/deploy/review')) {
    // The address changes before the next screen is drawn, whose Continue is to be clicked.
    const before = await page.getByRole('heading', { level: 1 }).textContent();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForFunction(
      (title) => document.querySelector('h1')?.textContent !== title,
      before,
    );
  }
  await review.waitFor();
  await page.getByRole('button', { name: `Deploy ${model}` }).click();
  await title(page, `${model} is launched`);
  const { endpoint } = await stage.running(model);
  const answer = await fetch(endpoint ?? '', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ inputs: 'What a wonderful film' }),
  });
  expect(JSON.stringify(await answer.json())).toMatch(/"label":"(posi|nega)tive"/);
}

test('a gated model links to its terms, accepts a token and deploys', async () => {
  const { page } = await screen('model', 'gated');
  const aside = page.getByRole('region', { name: 'The chosen model' });
  await aside.getByText('Request access first').waitFor();
  const terms = aside.getByRole('link', { name: 'Terms and licence' });
  expect(await terms.getAttribute('href')).toBe(`${hub.url}/acme/gated`);
  await isAccessibleInBothSchemes(page);
  await shot(page, 'wizard-gated-light');
  const blocked = await stage.open('/deploy/review?model=acme/gated');
  await title(blocked.page, 'Not ready to launch');

  await aside.getByLabel('Hub token').fill(TOKEN);
  await aside.getByRole('button', { name: 'Save token' }).click();
  await aside.getByText('Stored in a file that only your user can read.').waitFor();
  expect(await page.content()).not.toContain(TOKEN);
  await launch(page, 'gated');
});

const UNRESTRICTED = 'Load the pickle weights without restrictions';

test('pickle weights of tensors only are converted without consent', async () => {
  const { page } = await screen('dependencies', 'tensors');
  await page.getByText('Pickle, converted to safetensors').waitFor();
  expect(await page.getByRole('region', { name: UNRESTRICTED }).count()).toBe(0);
  await launch(page, 'tensors');
  const { request, receipt } = await stage.running('tensors');
  expect(request.allow.pickle).toBe(false);
  expect(receipt?.conversion?.tensors).toBeGreaterThan(10);
  await page.getByText(/Converted from pickle files in a sealed process/).waitFor();
  await shot(page, 'converted-light');
});

test('pickle weights with other objects require consent that shows them and the pinned commit', async () => {
  const { page } = await screen('dependencies', 'pickled');
  const consent = page.getByRole('region', { name: UNRESTRICTED });
  await consent.getByText((await commitOf('pickled')).slice(0, 7)).waitFor();
  await consent.getByText('argparse.Namespace').waitFor();
  const box = consent.getByRole('checkbox', { name: UNRESTRICTED });
  expect(await box.isChecked()).toBe(false);
  await isAccessibleInBothSchemes(page);
  await shot(page, 'wizard-pickle-light');
  const refused = await stage.open('/deploy/review?model=acme/pickled');
  await title(refused.page, 'Not ready to launch');
  await box.check();
  await launch(page, 'pickled');
});

test('a safetensors revision is selected in one click and needs no consent', async () => {
  const { page } = await screen('dependencies', 'converted');
  await page.getByRole('button', { name: 'Use revision refs/pr/1, which has safetensors' }).click();
  await page.getByRole('region', { name: UNRESTRICTED }).waitFor({ state: 'detached' });
  await launch(page, 'converted');
  const { request } = await stage.running('converted');
  expect([request.revision, request.allow.pickle]).toEqual(['refs/pr/1', false]);
});

test('remote code requires a warning consent that shows the pinned commit', async () => {
  const commit = await commitOf('coded');
  const { page } = await screen('dependencies', 'coded');
  const consent = page.getByRole('region', { name: "Run this repository's code" });
  await consent.getByText(commit.slice(0, 7)).waitFor();
  const box = consent.getByRole('checkbox', { name: "Run this repository's code" });
  expect(await box.isChecked()).toBe(false);
  await isAccessibleInBothSchemes(page);
  await shot(page, 'wizard-remote-code-light');
  const refused = await stage.open('/deploy/review?model=acme/coded');
  await title(refused.page, 'Not ready to launch');
  await box.check();
  await launch(page, 'coded');
  expect((await stage.running('coded')).model?.commit).toBe(commit);
});
