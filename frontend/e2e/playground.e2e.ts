/** Playground and deployment page in a real browser; every command and example they show is run. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { curlOf, panel } from './panels';
import { isAccessible, shot } from './screens';
import { everySnippet } from './snippets';
import { type Opened, type Stage, setStage } from './stage';

const STARTERS = ['sentiment', 'digits', 'tones', 'stories'] as const;
const WIDE: BrowserContextOptions = {};
const NARROW: BrowserContextOptions = {
  viewport: { width: 360, height: 800 },
  colorScheme: 'dark',
};

let stage: Stage;

beforeAll(async () => {
  // Chromium's microphone is a beep each second, and nobody has to allow it.
  stage = await setStage(
    {},
    { args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] },
  );
  for (const name of STARTERS) await stage.deploy({ model_id: name, source: 'starter', name });
});

afterAll(() => stage?.stop());

async function visit(name: string, tab: string, options = WIDE): Promise<Opened> {
  await stage.running(name);
  const opened = await stage.open(`/deployments/${name}${tab}`, options);
  await opened.page.getByRole('heading', { level: 1, name }).waitFor();
  return opened;
}

const labelsIn = (json: string): RegExpMatchArray | null =>
  JSON.stringify(JSON.parse(json)).match(/"label":"[^"]*"/g);

const sure = (page: Page) => page.getByText(/^[\d.]+% sure$/).waitFor();

describe.each([
  ['sentiment', 'text'],
  ['digits', 'image'],
  ['tones', 'audio'],
])('%s', (name, kind) => {
  test.each([
    ['wide', WIDE],
    ['narrow dark', NARROW],
  ])(`the sample of ${kind} runs in one click, %s`, async (width, options) => {
    const { page, faults } = await visit(name, '/playground', options);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await sure(page);
    await isAccessible(page);
    await shot(page, `playground-${kind}-${width.replace(' ', '-')}`);
    const told = labelsIn(await curlOf(page));
    expect(told).not.toBeNull();
    expect(told).toEqual(labelsIn(await panel(page, 'Response')));
    expect(faults).toEqual([]);
  });
});

test.each([
  ['sentiment', /POSITIVE/, ['InferenceClient']],
  ['digits', /label\W{1,4}\d/, ['InferenceClient']],
  ['tones', /label\W{1,4}\w/, ['InferenceClient']],
  ['stories', /(\w+ ){8}/, ['InferenceClient', 'OpenAI']],
] as const)('every example of %s works when pasted', async (name, answer, clients) => {
  await stage.running(name);
  const { page } = await stage.open(`/deployments/${name}/progress`);
  await page.getByRole('heading', { level: 1, name: `${name} is launched` }).waitFor();
  const answers = await everySnippet(page);
  expect([...answers.keys()]).toEqual(['curl', 'Python', ...clients, 'JavaScript']);
  for (const [label, said] of answers) expect(said, label).toMatch(answer);
});

test('the microphone records, shows the waveform and gets a prediction', async () => {
  const { page, faults } = await visit('tones', '/playground');
  await page.getByRole('button', { name: 'Record' }).click();
  await page.getByRole('button', { name: /^Stop at 1\.\d s$/ }).click();
  await page.getByRole('img', { name: /^Waveform of recording\.\w+, [12]\.\d s/ }).waitFor();
  await sure(page);
  await shot(page, 'playground-microphone');
  expect(await panel(page, 'Response')).toMatch(/"label"/);
  expect(faults).toEqual([]);
});

test('a chat streams, can be stopped, and keeps its messages', async () => {
  const { page, faults } = await visit('stories', '/playground');
  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill('Tell a story about a harbour.');
  // A thin line, so that the answer is still on its way when Stop is pressed.
  const line = await page.context().newCDPSession(page);
  const thin = { offline: false, latency: 0, downloadThroughput: 4000, uploadThroughput: -1 };
  await line.send('Network.emulateNetworkConditions', thin);
  await message.press('Enter');
  await page.getByText(/^\d+ tokens · .* per second/).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await line.detach();
  await page.getByText(/first after/).waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await isAccessible(page);
  await shot(page, 'playground-chat-wide');
  expect(await curlOf(page)).toMatch(/^data: \{/m);
  expect(faults).toEqual([]);
});

describe.each([
  ['wide', WIDE],
  ['narrow-dark', NARROW],
])('the deployment page, %s', (width, options) => {
  test.each([
    ['overview', '', /^Proof/],
    ['metrics', '/metrics', /^per minute/],
    ['metrics-table', '/metrics?view=table', /^p99$/],
    ['logs', '/logs', /Started server process/],
    ['settings', '/settings', /^Restart/],
  ])('%s loads by URL after a reload', async (name, tab, settled) => {
    const { page, faults } = await visit('sentiment', tab, options);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'sentiment' }).waitFor();
    await page.getByText(settled).first().waitFor();
    await isAccessible(page);
    await shot(page, `deployment-${name}-${width}`);
    expect(faults).toEqual([]);
  });
});

test('a load test runs on the page, and its interval is a band in the charts', async () => {
  const { page, faults } = await visit('sentiment', '/load-test', NARROW);
  await page.getByLabel('Duration').fill('1');
  await page.getByRole('button', { name: 'Start load test' }).click();
  await page.getByText('Completed').first().waitFor();
  await page.getByRole('row', { name: /^Requests per second [\d.]+/ }).waitFor();
  await page.getByRole('row', { name: /^Mean batch size/ }).waitFor();
  await isAccessible(page);
  await shot(page, 'load-test-narrow-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await isAccessible(page);
  await page.getByRole('link', { name: 'Show it in the metrics' }).click();
  await page.locator('.recharts-reference-area-rect').nth(3).waitFor();
  await page.getByText('Load test', { exact: true }).nth(1).waitFor();
  await isAccessible(page);
  await shot(page, 'load-test-metrics-narrow');
  expect(faults).toEqual([]);
});

test('pause, resume and delete on the page', async () => {
  const { page, faults } = await visit('tones', '/settings');
  const rows = page.getByRole('region', { name: 'Lifecycle' });
  await rows.getByRole('button', { name: 'Pause' }).click();
  await rows.getByRole('button', { name: 'Resume' }).click();
  await stage.running('tones');
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('tones');
  await dialog.getByRole('button', { name: 'Delete tones' }).click();
  await page.waitForURL(`${stage.url}/`);
  await expect(stage.ask('/deployments/tones')).rejects.toThrow('404');
  expect(faults).toEqual([]);
});
