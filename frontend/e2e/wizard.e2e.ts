/** Home and the wizard in a real browser, against the real control plane and the real starters. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deployment } from '@/api/types';
import { isAccessible, shot } from './screens';
import { pasted, scratch } from './snippets';
import { type Stage, setStage } from './stage';

// Nobody answers for the Hub: the wizard must be whole without it.
let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});

afterAll(() => stage?.stop());

const title = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name }).waitFor();

test('a first deployment by mouse takes one click, and its endpoint works', async () => {
  const { page, faults } = await stage.open('/');
  await title(page, 'No deployments yet.');
  await page.getByRole('button', { name: 'Deploy sentiment' }).waitFor();
  await shot(page, 'home-empty-light');
  await page.getByRole('button', { name: 'Deploy sentiment' }).click();
  await page.waitForURL(/\/deployments\/dep_\w+\/progress/);
  await title(page, /sentiment is launched/);
  const found = await stage.running('sentiment');
  const answer = await fetch(found.endpoint ?? '', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ inputs: 'What a wonderful film' }),
  });
  expect(JSON.stringify(await answer.json())).toMatch(/pos/i);
  expect(faults).toEqual([]);
});

test('the whole wizard by keyboard: Enter from the first screen to the launch', async () => {
  const { page, faults } = await stage.open('/deploy/model');
  await page.getByRole('radio', { name: /^digits/ }).waitFor();
  await page.keyboard.type('digits');
  await page.getByRole('radio', { name: /^digits/, checked: true }).waitFor();
  const screens = [
    'How should it run?',
    'Which dependencies?',
    'How should it be served?',
    /Checking|Ready to launch/,
  ];
  for (const name of screens) {
    await page.keyboard.press('Enter');
    // Its title has the focus: until then Enter still belongs to the screen before.
    const heading = page.getByRole('heading', { level: 1, name });
    await heading.and(page.locator(':focus')).waitFor();
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/progress/);
  const made = await stage.ask<Deployment>('/deployments/digits');
  expect(made.request.model_id).toBe('digits');
  expect(faults).toEqual([]);
});

test('the curl command of Review matches the request of Deploy and works when pasted', async () => {
  const { page } = await stage.open('/deploy/settings?source=starter&model=sentiment');
  await page.getByRole('textbox', { name: 'Name' }).fill('by-curl');
  await page.getByRole('button', { name: 'Continue' }).click();
  await title(page, 'Ready to launch');
  const line = (await page.getByRole('region', { name: 'curl' }).textContent()) ?? '';
  const answer = await pasted('curl', line, await scratch());
  expect(JSON.parse(answer)).toMatchObject({ name: 'by-curl', state: expect.any(String) });
  await stage.ask('/deployments/by-curl', { method: 'DELETE' });
});

test('a reload keeps the wizard state, and a link opens the same screen', async () => {
  const { page } = await stage.open('/deploy/hardware?source=starter&model=sentiment');
  await page.getByRole('radio', { name: 'float32' }).check();
  await page.reload();
  await page.getByRole('radio', { name: 'float32', checked: true }).waitFor();
  const { pathname, search } = new URL(page.url());
  const other = await stage.open(pathname + search);
  await title(other.page, 'How should it run?');
  await other.page.getByText('This model, estimated').waitFor();
});

test('an unreachable Hub is reported within three seconds and starters stay available', async () => {
  const { page } = await stage.open('/deploy/model');
  await page.getByRole('radio', { name: /^sentiment/ }).waitFor();
  await page.keyboard.type('bert something');
  await page.getByRole('button', { name: 'Retry' }).waitFor();
  await page.getByRole('radio', { name: /^sentiment/ }).waitFor();
  await shot(page, 'wizard-no-hub-light');
});

describe('every screen, both schemes, wide and 360 px', () => {
  const chosen = '?source=starter&model=sentiment';
  const SCREENS: readonly (readonly [name: string, path: string, title: string | RegExp])[] = [
    ['home', '/', 'Deployments'],
    ['models', '/models', 'Models'],
    ['machine', '/machine', 'Machine'],
    ['wizard-model', '/deploy/model', 'Which model?'],
    ['wizard-hardware', `/deploy/hardware${chosen}`, 'How should it run?'],
    ['wizard-dependencies', `/deploy/dependencies${chosen}`, 'Which dependencies?'],
    ['wizard-settings', `/deploy/settings${chosen}`, 'How should it be served?'],
    ['wizard-review', `/deploy/review${chosen}`, 'Ready to launch'],
    ['wizard-expert', `/deploy/expert${chosen}`, 'Deploy a model'],
    ['not-found', '/nowhere', 'Page not found'],
  ];
  const LOOKS = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['light-mobile', { colorScheme: 'light', viewport: { width: 360, height: 780 } }],
    ['dark-mobile', { colorScheme: 'dark', viewport: { width: 360, height: 780 } }],
  ] as const;

  test.each(SCREENS)('%s passes axe without sideways scrolling', async (name, path, heading) => {
    for (const [look, options] of LOOKS) {
      const { page, faults } = await stage.open(path, { ...options, reducedMotion: 'reduce' });
      await page.getByRole('heading', { name: heading }).first().waitFor();
      await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null);
      await shot(page, `${name}-${look}`);
      await isAccessible(page, `${name} ${look}`);
      expect(faults, `${name} ${look}`).toEqual([]);
    }
  });
});
