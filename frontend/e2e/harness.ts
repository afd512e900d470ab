/** The real control plane on free ports with storage of its own, and a real Chromium in front of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SHOTS = join(ROOT, 'test-results', 'screens');

export interface Plane {
  url: string;
  stop: () => Promise<void>;
}

async function freePort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const address = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function until(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (await check().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

export async function startPlane(settings: Record<string, string> = {}): Promise<Plane> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
  const [backend, front, metrics, first] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const env = {
    ...process.env,
    BACKEND_HOST: '127.0.0.1',
    BACKEND_PORT: String(backend),
    FRONTEND_PORT: String(front),
    METRICS_PORT: String(metrics),
    MODEL_STORAGE_PATH: join(home, 'storage'),
    TEMP_MODEL_PATH: join(home, 'storage', 'tmp'),
    LOGS_PATH: join(home, 'logs'),
    HUGGINGFACE_CACHE_DIR: join(home, 'cache'),
    MODEL_SERVE_PORT_START: String(first),
    MODEL_SERVE_PORT_END: String(Math.min(65_535, first + 60)),
    STOP_MODELS_ON_EXIT: 'true',
    ...settings,
  };
  const log = join(home, 'plane.log');
  const output = createWriteStream(log);
  const child = spawn(join(ROOT, '.venv/bin/python'), ['-m', 'backend.api_server'], {
    cwd: ROOT,
    env,
  });
  child.stdout.pipe(output);
  child.stderr.pipe(output);
  const url = `http://127.0.0.1:${backend}`;
  try {
    await until('the control plane answers', 60, async () => (await fetch(`${url}/ready`)).ok);
  } catch (error) {
    throw new Error(`${String(error)}\n${await readFile(log, 'utf8')}`);
  }
  return { url, stop: () => stop(child, home) };
}

async function stop(child: ChildProcess, home: string): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 20_000))]);
  if (child.exitCode === null) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
}

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });

/** A page that fails the test when the app throws or a policy is broken. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  page.on('request', (request) => {
    const outside = new URL(request.url());
    if (outside.protocol.startsWith('http') && outside.host !== new URL(url).host) {
      faults.push(`contacted ${outside.host}`);
    }
  });
  await page.goto(url);
  return { page, faults };
}

/** Serious and critical findings of axe, as short lines. */
export async function axeFindings(page: Page): Promise<string[]> {
  const source = await readFile(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const violations: AxeViolation[] = await page.evaluate('axe.run().then((r) => r.violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
}

interface AxeViolation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

export async function shot(page: Page, name: string): Promise<void> {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
