/** Home and the wizard in a real browser, against the real control plane and the real starters. */
import { execFileSync } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axeFindings, open, type Plane, shot, startBrowser, startPlane } from './harness';

let plane: Plane;
let browser: Browser;

beforeAll(async () => {
  // A Hub that nobody answers for: the wizard must be whole without it.
  [plane, browser] = await Promise.all([
    startPlane({ HF_ENDPOINT: 'http://127.0.0.1:9' }),
    startBrowser(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await plane?.stop();
});

const title = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name }).waitFor({ timeout: 60_000 });

const ask = async <T>(path: string, init?: RequestInit): Promise<T> =>
  (await (await fetch(`${plane.url}/api/v1${path}`, init)).json()) as T;

test('a first deployment by mouse takes one press, and what it shows answers', async () => {
  const { page, faults } = await open(browser, plane.url);
  await title(page, 'Nothing launched yet.');
  await shot(page, 'home-empty-light');
  await page.getByRole('button', { name: 'Deploy sentiment' }).click();
  await page.waitForURL(/\/deployments\/dep_\w+\/progress/);
  await title(page, /sentiment is launched/);
  const found = await ask<{ endpoint: string }>('/deployments/sentiment');
  const answer = await fetch(found.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ inputs: 'What a wonderful film' }),
  });
  expect(JSON.stringify(await answer.json())).toMatch(/pos/i);
  expect(faults).toEqual([]);
  await page.context().close();
});

test('the whole wizard by keyboard: Enter from the first screen to the launch', async () => {
  const { page, faults } = await open(browser, `${plane.url}/deploy/model`);
  await page.getByRole('radio', { name: /^digits/ }).waitFor();
  await page.keyboard.type('digits');
  await page.getByRole('radio', { name: /^digits/, checked: true }).waitFor();
  for (const screen of ['hardware', 'dependencies', 'settings', 'review']) {
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/deploy/${screen}`));
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/progress/);
  const made = await ask<{ request: { model_id: string } }>('/deployments/digits');
  expect(made.request.model_id).toBe('digits');
  expect(faults).toEqual([]);
  await page.context().close();
});

test('the curl line of Review is what Deploy sends, and it works when pasted', async () => {
  const { page } = await open(
    browser,
    `${plane.url}/deploy/settings?source=starter&model=sentiment`,
  );
  await page.getByRole('textbox', { name: 'Name' }).fill('by-curl');
  await page.getByRole('button', { name: 'Continue' }).click();
  await title(page, 'Ready to launch');
  const line = await page.getByRole('region', { name: 'curl' }).textContent();
  const answer = execFileSync('sh', ['-c', `${line} --silent`], { encoding: 'utf8' });
  expect(JSON.parse(answer)).toMatchObject({ name: 'by-curl', state: expect.any(String) });
  await page.context().close();
});

test('a reload in the middle loses nothing, and a link opens the same screen elsewhere', async () => {
  const { page } = await open(
    browser,
    `${plane.url}/deploy/hardware?source=starter&model=sentiment`,
  );
  await page.getByRole('radio', { name: 'float32' }).check();
  await page.reload();
  await page.getByRole('radio', { name: 'float32', checked: true }).waitFor();
  const other = await open(browser, page.url());
  await title(other.page, 'How should it run?');
  await other.page.getByText('This model, estimated').waitFor();
  await Promise.all([page.context().close(), other.page.context().close()]);
});

test('without the Hub a search says so within three seconds and starters stay', async () => {
  const { page } = await open(browser, `${plane.url}/deploy/model`);
  await page.getByRole('radio', { name: /^sentiment/ }).waitFor();
  await page.keyboard.type('bert something');
  await page.getByRole('button', { name: 'Ask again' }).waitFor({ timeout: 15_000 });
  await page.getByRole('radio', { name: /^sentiment/ }).waitFor();
  await shot(page, 'wizard-no-hub-light');
  await page.context().close();
});

describe('every screen, both schemes, wide and 360 px', () => {
  const chosen = '?source=starter&model=sentiment';
  const SCREENS: readonly (readonly [name: string, path: string, title: string | RegExp])[] = [
    ['home', '/', 'Deployments'],
    ['models', '/models', 'Models'],
    ['machine', '/machine', 'Machine'],
    ['wizard-model', '/deploy/model', 'Which model?'],
    ['wizard-hardware', `/deploy/hardware${chosen}`, 'How should it run?'],
    ['wizard-dependencies', `/deploy/dependencies${chosen}`, 'What does it need?'],
    ['wizard-settings', `/deploy/settings${chosen}`, 'How should it answer?'],
    ['wizard-review', `/deploy/review${chosen}`, 'Ready to launch'],
    ['wizard-expert', `/deploy/expert${chosen}`, 'Deploy a model'],
    ['not-found', '/nowhere', 'There is no page here'],
  ];
  const LOOKS = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['light-mobile', { colorScheme: 'light', viewport: { width: 360, height: 780 } }],
    ['dark-mobile', { colorScheme: 'dark', viewport: { width: 360, height: 780 } }],
  ] as const;

  test.each(SCREENS)('%s passes axe and never scrolls sideways', async (name, path, heading) => {
    for (const [look, options] of LOOKS) {
      const { page, faults } = await open(browser, `${plane.url}${path}`, {
        ...options,
        reducedMotion: 'reduce',
      });
      await page.getByRole('heading', { name: heading }).first().waitFor({ timeout: 60_000 });
      await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null);
      await shot(page, `${name}-${look}`);
      expect(await axeFindings(page), `${name} ${look}`).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overflow, `${name} ${look}`).toBeLessThanOrEqual(0);
      expect(faults, `${name} ${look}`).toEqual([]);
      await page.context().close();
    }
  });
});
