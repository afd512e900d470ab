/** What the wizard weighs and how quickly it moves. Times are printed; only what no load can change is asserted. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment } from '@/api/types';
import { ROOT } from './plane';
import { countPaints, floodOfEvents } from './speed';
import { type Stage, setStage } from './stage';

const RUNS = 5;
const FIRST_LOAD_BYTES = 250_000;
const SECONDS = 3;
const PER_SECOND = 200;
const PAINTS_PER_SECOND = 10;
const FRAME_MS = 50;

let stage: Stage;
let launched: Deployment;
const measured: Record<string, number | number[]> = {};

beforeAll(async () => {
  stage = await setStage();
  await stage.deploy({ model_id: 'sentiment', source: 'starter', name: 'sentiment' });
  launched = await stage.running('sentiment');
});

afterAll(async () => {
  await stage?.stop();
  const text = JSON.stringify(measured, null, 2);
  process.stdout.write(`${text}\n`);
  await mkdir(join(ROOT, 'test-results'), { recursive: true });
  await writeFile(join(ROOT, 'test-results', 'speed.json'), text);
});

const note = (name: string, values: number[]): void => {
  const sorted = values.map(Math.round).toSorted((a, b) => a - b);
  measured[`${name}, median`] = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  measured[`${name}, each`] = sorted;
};

const answers = async (page: Page, path: RegExp, json: unknown): Promise<void> => {
  await page.route(
    ({ pathname }) => path.test(pathname),
    (route) => route.fulfill({ json }),
  );
};

/** What the page's main thread works from now on: processor time, which other programs can't lengthen. */
async function busyMs(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const total = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
  };
  const before = await total();
  return async () => (await total()) - before;
}

test('the first load has less than 250 kB of compressed script, without charts', async () => {
  const { page } = await stage.open('/');
  await page.getByRole('heading', { level: 1, name: 'Deployments' }).waitFor();
  await page.waitForLoadState('networkidle');
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => entry.name.endsWith('.js'))
      .map((entry) => [entry.name, (entry as PerformanceResourceTiming).encodedBodySize] as const),
  );
  const bytes = scripts.reduce((sum, [, size]) => sum + size, 0);
  measured['first load, bytes of compressed script'] = bytes;
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
  expect(scripts.map(([name]) => name).join()).not.toContain('Charts');
});

test('Home with 50 deployments renders within the time limit', async () => {
  const items = Array.from({ length: 50 }, (_, n) => ({
    ...launched,
    id: `${launched.id}${n}`,
    name: `sentiment-${n}`,
  }));
  const series = await stage.ask(`/deployments/${launched.id}/metrics`);
  const times: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { page } = await stage.open('/nowhere');
    await answers(page, /\/deployments$/, { items, next_cursor: null });
    await answers(page, /\/dep_\w+\/metrics$/, series);
    const busy = await busyMs(page);
    await page.goto(stage.url);
    const seen = await page.waitForFunction(
      () =>
        document.querySelectorAll('main a[href^="/deployments/dep_"]').length >= 50 &&
        performance.now(),
      null,
      { polling: 'raf' },
    );
    times.push(Number(await seen.jsonValue()));
    cpu.push(await busy());
  }
  note('Home with 50 deployments, ms', times);
  note('the same, ms of processor time', cpu);
});

test('200 events per second render ten times per second, and the last one is shown', async () => {
  const working: Deployment = {
    ...launched,
    state: 'initializing',
    result: null,
    progress: {
      ...launched.progress,
      percent: 4,
      current_step: 'download',
      completed_steps: 1,
      steps: launched.progress.steps.map((step, place) => ({
        ...step,
        state: place === 0 ? 'succeeded' : place === 1 ? 'running' : 'queued',
      })),
    },
  };
  const paints: number[] = [];
  const cpu: number[] = [];
  const tasks: number[] = [];
  const frames: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { page, faults } = await stage.open('/nowhere');
    await answers(page, /\/deployments\/(sentiment|dep_\w+)$/, working);
    await page.addInitScript(floodOfEvents, { id: launched.id, PER_SECOND, SECONDS });
    await page.goto(`${stage.url}/deployments/sentiment/progress`);
    await page.getByRole('heading', { name: 'Downloading the model' }).waitFor();
    const busy = await busyMs(page);
    const found = await page.evaluate(countPaints);
    const used = (await busy()) / found.paints;
    await page.getByText('model.safetensors, 600 of 600 MB').waitFor();
    expect(found.events).toBe(PER_SECOND * SECONDS);
    expect(found.paints).toBeLessThanOrEqual(SECONDS * PAINTS_PER_SECOND + 2);
    expect(faults).toEqual([]);
    expect(used).toBeLessThan(FRAME_MS);
    paints.push(found.paints);
    cpu.push(used);
    tasks.push(found.longestTask);
    frames.push(found.longestFrame);
  }
  note('paints in 3 s of 200 events a second', paints);
  note('main thread for one paint, ms of processor time', cpu);
  note('longest task among them, ms', tasks);
  note('longest frame among them, ms', frames);
});
