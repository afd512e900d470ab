/** The wizard below a path, behind a real nginx with TLS: https://127.0.0.1:PORT/slipway/. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WebSocket } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasNginx, type Stop, startNginx } from './nginx';
import { shot } from './screens';
import { type Stage, setStage } from './stage';

let stage: Stage;
let stopNginx: Stop | undefined;
let folder: string;

// The control plane prints no URL by a setting here: everything follows from the proxy's headers.
describe.runIf(hasNginx())('behind nginx at /slipway/ (needs nginx)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-nginx-'));
    const started = await setStage();
    const backendPort = Number(new URL(started.url).port);
    // The plane's row has a port that it leaves free.
    const port = backendPort + 3;
    stopNginx = await startNginx(folder, port, backendPort);
    stage = { ...started, ...started.at(`https://127.0.0.1:${port}/slipway`) };
    await stage.deploy({ model_id: 'sentiment', source: 'starter', name: 'served' });
  });

  afterAll(async () => {
    await stopNginx?.();
    await stage?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('deploy, progress over WebSocket, playground and API docs', async () => {
    const { page, faults } = await stage.open('/deploy/model', { ignoreHTTPSErrors: true });
    const failed: string[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
    });
    const messages: string[] = [];
    const sockets: string[] = [];
    page.on('websocket', (socket: WebSocket) => {
      sockets.push(socket.url());
      socket.on('framereceived', ({ payload }) => messages.push(String(payload)));
    });

    await page.getByRole('radio', { name: /^sentiment/ }).waitFor();
    await page.keyboard.type('sentiment');
    await page.getByRole('radio', { name: /^sentiment/, checked: true }).waitFor();
    const screens = [
      'How should it run?',
      'Which dependencies?',
      'How should it be served?',
      'Ready to launch',
    ];
    for (const name of screens) {
      await page.keyboard.press('Enter');
      const heading = page.getByRole('heading', { level: 1, name });
      await heading.and(page.locator(':focus')).waitFor();
      if (name === 'How should it be served?') {
        await page.getByText(`${stage.url}/d/sentiment`).waitFor();
      }
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/slipway\/deployments\/dep_\w+\/progress/);
    await page.getByRole('heading', { level: 1, name: /sentiment is launched/ }).waitFor();
    await page.getByText(`${stage.url}/d/sentiment/predict`).first().waitFor();
    await shot(page, 'prefix-launched');
    expect(sockets[0]).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/slipway\/api\/v1\/ws\//);
    expect(messages.join()).toContain('"percent"');

    await page.getByRole('link', { name: /Try it in the playground/ }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText(/^[\d.]+% sure$/).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    await shot(page, 'prefix-playground');
    expect(failed).toEqual([]);
    expect(faults).toEqual([]);
  });

  test.each([
    ['the control plane', '/docs', '/api/v1/preflight'],
    ['a model server', '/d/served/docs', '/predict'],
  ])('Swagger UI of %s loads, and its first request works', async (name, path, operation) => {
    await stage.running('served');
    const { page, faults } = await stage.open(path, { ignoreHTTPSErrors: true });
    const block = page.locator('.opblock', { has: page.locator(`[data-path="${operation}"]`) });
    await block.first().click();
    const run = block.first().getByRole('button', { name: 'Execute' });
    const open = block.first().getByRole('button', { name: 'Try it out' });
    await run.or(open).first().waitFor();
    if (await open.isVisible()) await open.click();
    await run.click();
    const asked = block.first().locator('.request-url pre');
    await asked.waitFor();
    const below = path.replace(/\/docs$/, '');
    expect(await asked.textContent()).toBe(`${stage.url}${below}${operation}`);
    await block.first().locator('.live-responses-table .response-col_status').first().waitFor();
    await shot(page, `prefix-docs-${name.replaceAll(' ', '-')}`);
    expect(faults).toEqual([]);
  });
});
