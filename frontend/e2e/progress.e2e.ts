/** A launch from its first step to its endpoint, against a Hub whose speed and faults we set. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings, open, type Plane, shot, startBrowser, startPlane } from './harness';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = join(ROOT, '.venv/bin/python');
const MODELS = ['slow', 'stalling', 'dropped', 'retried'] as const;

let folder: string;
let hub: { url: string; process: ChildProcess };
let plane: Plane;
let browser: Browser;

async function startHub(): Promise<typeof hub> {
  const child = spawn(PYTHON, ['-m', 'tests.fakes.hub', '--models', join(folder, 'models')], {
    cwd: ROOT,
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the fake Hub ended with ${code}`)));
    child.stdout.on('data', (data: Buffer) => {
      const found = /http:\S+/.exec(data.toString());
      if (found) resolve(found[0]);
    });
  });
  return { url, process: child };
}

/** Files come at `rate`; with `stall`, nothing comes after so many bytes. */
async function hubDoes(faults: Record<string, unknown>[]): Promise<void> {
  await fetch(`${hub.url}/_faults`, { method: 'DELETE' });
  for (const fault of faults) {
    await fetch(`${hub.url}/_faults`, { method: 'POST', body: JSON.stringify(fault) });
  }
}

async function deploy(name: string, body: Record<string, unknown> = {}): Promise<void> {
  const answer = await fetch(`${plane.url}/api/v1/deployments`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model_id: `acme/${name}`, name, ...body }),
  });
  expect(answer.status).toBe(202);
}

const visit = (name: string, options = {}) =>
  open(browser, `${plane.url}/deployments/${name}/progress`, options);

const percent = async (page: Page): Promise<number> =>
  Number(await page.getByRole('progressbar', { name: 'Launch' }).getAttribute('aria-valuenow'));

const launched = (page: Page): Promise<void> =>
  page.getByRole('heading', { level: 1, name: /is launched/ }).waitFor({ timeout: 150_000 });

async function isSound(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axeFindings(page)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
  ).toBeLessThanOrEqual(0);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-progress-'));
  for (const name of MODELS) {
    await mkdir(join(folder, 'models', 'acme'), { recursive: true });
    await cp(join(ROOT, 'backend/starters/sentiment'), join(folder, 'models', 'acme', name), {
      recursive: true,
    });
  }
  hub = await startHub();
  [plane, browser] = await Promise.all([
    startPlane({ HF_ENDPOINT: hub.url, DOWNLOAD_STALL_SECONDS: '4' }),
    startBrowser(),
  ]);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await plane?.stop();
  hub?.process.kill('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

test('a download survives a reload, is the same in two tabs, and ends in an endpoint that answers', async () => {
  await hubDoes([{ kind: 'throttle', rate: 40_000 }]);
  await deploy('slow');
  const { page, faults } = await visit('slow');
  await page.getByText('Received').waitFor({ timeout: 60_000 });
  await isSound(page);
  await shot(page, 'progress-light');
  const before = await percent(page);
  await page.reload();
  await page.getByRole('heading', { name: 'Downloading the model' }).waitFor();
  expect(await percent(page)).toBeGreaterThanOrEqual(before);
  const other = await visit('slow', { viewport: { width: 360, height: 800 }, colorScheme: 'dark' });
  await other.page.getByText('Received').waitFor();
  expect(Math.abs((await percent(page)) - (await percent(other.page)))).toBeLessThanOrEqual(5);
  await shot(other.page, 'progress-dark-360');
  await hubDoes([]);
  await Promise.all([launched(page), launched(other.page)]);
  await isSound(page);
  await isSound(other.page);
  await shot(page, 'success-light');
  await shot(other.page, 'success-dark-360');
  expect([...faults, ...other.faults]).toEqual([]);
  await everySnippetAnswers(page);
});

const RUN: Record<string, [file: string, ...command: string[]]> = {
  curl: ['a.sh', 'bash'],
  InferenceClient: ['a.py', PYTHON],
  JavaScript: ['a.mjs', process.execPath],
};

async function everySnippetAnswers(page: Page): Promise<void> {
  for (const [label, [file, ...command]] of Object.entries(RUN)) {
    await page.getByRole('tab', { name: label, exact: true }).click();
    const code = (await page.getByRole('tabpanel').locator('pre').textContent()) ?? '';
    const path = join(folder, file);
    await writeFile(path, code);
    const [program = '', ...rest] = command;
    const said = execFileSync(program, [...rest, path], { encoding: 'utf8', timeout: 60_000 });
    expect(said, label).toContain('POSITIVE');
  }
}

test('a stall is shown as such, says what happens next, and passes when bytes come again', async () => {
  await hubDoes([{ kind: 'stall', after: 400_000 }]);
  await deploy('stalling');
  const { page } = await visit('stalling');
  await page
    .getByRole('heading', { name: 'The download has stalled' })
    .waitFor({ timeout: 60_000 });
  await page.getByRole('heading', { name: /from where it stopped/ }).waitFor();
  await shot(page, 'progress-stalled-light');
  await hubDoes([]);
  await launched(page);
});

test('a launch is cancelled in its own place, and launched again', async () => {
  await hubDoes([{ kind: 'throttle', rate: 100_000 }]);
  await deploy('dropped');
  const { page } = await visit('dropped');
  await page.getByText('Received').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel launch' }).click();
  await page.getByRole('heading', { name: 'The launch was cancelled' }).waitFor();
  await isSound(page);
  await hubDoes([]);
  await page.getByRole('button', { name: 'Launch again' }).click();
  await launched(page);
});

test('a failure says why, and its button does what it says', async () => {
  await deploy('retried', { hardware: { memory_limit_gb: 0.1 } });
  const { page } = await visit('retried');
  await page.getByRole('alert').waitFor({ timeout: 60_000 });
  await isSound(page);
  await shot(page, 'progress-failed-light');
  await page.getByRole('button', { name: /^Raise limit to .* and retry$/ }).click();
  await launched(page);
});
