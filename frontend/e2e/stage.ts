/** What a test of the browser stands on: one control plane, one Chromium, pages that tell what they show. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';
import { onTestFinished, type TestContext } from 'vitest';
import { PATIENCE_MS } from './patience';
import { type Plane, ROOT, startPlane } from './plane';

export interface Opened {
  page: Page;
  /** What the app threw, which policy it broke, whom else it called. */
  faults: string[];
}

export interface Stage extends Plane {
  browser: Browser;
  /** A page of its own, closed when the test ends. */
  open: (path: string, options?: BrowserContextOptions) => Promise<Opened>;
  /** The same control plane by another URL: a reverse proxy's. */
  at: (url: string) => Pick<Stage, 'url' | 'open'>;
}

const FAILURES = join(ROOT, 'test-results', 'failures');
const WORDS = 1200;

export async function setStage(
  settings: Record<string, string> = {},
  options: LaunchOptions = {},
): Promise<Stage> {
  const [plane, browser] = await Promise.all([startPlane(settings), startBrowser(options)]);
  return {
    ...plane,
    browser,
    open: (path, look) => open(plane, browser, path, look),
    at: (url) => ({ url, open: (path, look) => open({ ...plane, url }, browser, path, look) }),
    stop: async () => {
      await browser.close();
      await plane.stop();
    },
  };
}

const startBrowser = ({ args = [], ...options }: LaunchOptions): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', ...args],
    timeout: PATIENCE_MS,
    ...options,
  });

async function open(
  plane: Plane,
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults = faultsOf(page, new URL(plane.url).host);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') await tell(task, page, [...faults], plane);
    await context.close();
  }, PATIENCE_MS);
  await page.goto(plane.url + path);
  return { page, faults };
}

function faultsOf(page: Page, host: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith('http') && asked.host !== host) {
      faults.push(`contacted ${asked.host}`);
    }
  });
  return faults;
}

/** Adds to the failure what a person would have looked at: the page, its faults, the plane's last words. */
async function tell(
  task: TestContext['task'],
  page: Page,
  faults: string[],
  plane: Plane,
): Promise<void> {
  await mkdir(FAILURES, { recursive: true });
  const name = `${task.name.replaceAll(/[^\w]+/g, '-').slice(0, 80)}-${Date.now()}.png`;
  await page.screenshot({ path: join(FAILURES, name) }).catch(() => undefined);
  const words = await page
    .locator('body')
    .ariaSnapshot({ timeout: 5000 })
    .catch(() => 'nothing');
  const told = [
    `${page.url()} showed (test-results/failures/${name}):`,
    words.slice(0, WORDS),
    ...(faults.length > 0 ? [`faults: ${faults.join('; ')}`] : []),
    'the control plane said last:',
    await plane.said(),
  ].join('\n');
  const [first] = task.result?.errors ?? [];
  if (first) first.message += `\n\n${told}`;
}
