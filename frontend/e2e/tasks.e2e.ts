/** The playground of task after task, each on a real model server with a tiny random model. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { curlOf, panel } from './panels';
import { PATIENCE_MS } from './patience';
import { inherited, PYTHON, ROOT } from './plane';
import { isAccessible, isAccessibleInBothSchemes, shot } from './screens';
import { pasted, scratch } from './snippets';
import { type Opened, type Stage, setStage } from './stage';

/** What a drawn answer of this task says, whatever a random model answers. */
const DRAWN = {
  'question-answering': /^[\d.]+% sure$/,
  'zero-shot-classification': /^[\d.]+% sure$/,
  summarization: /^\d+ characters?$/,
  'sentence-similarity': /^3 texts$/,
  'text-ranking': /^3 texts$/,
  'object-detection': /^\d+ objects?$/,
  'image-segmentation': /^\d+ segments?$/,
  'visual-question-answering': /^[\d.]+% sure$/,
  'document-question-answering': /^[\d.]+% sure$/,
  'automatic-speech-recognition': /^\d+ words?$/,
  'video-classification': /^[\d.]+% sure$/,
  'mask-generation': /^\d+ segments?$/,
  'keypoint-matching': /^\d+ match(es)?$/,
  decision: /^mood$/,
  'text-to-speech': /^\d+\.\d s$/,
} as const;
type Name = keyof typeof DRAWN;
/** Drawn like others of the list: in the long form only, `make e2e LONG=1`. */
const LIKE_OTHERS: ReadonlySet<string> = new Set([
  'zero-shot-classification',
  'text-ranking',
  'visual-question-answering',
  'document-question-answering',
  'video-classification',
  'mask-generation',
]);
const NAMES = (Object.keys(DRAWN) as Name[]).filter(
  (name) => process.env.LONG !== undefined || !LIKE_OTHERS.has(name),
);
const AUDIO_TYPES: Name = 'text-to-speech';

/** A random model is sure of nothing: what is found at all is drawn. */
const UNSURE: ReadonlySet<Name> = new Set(['object-detection', 'image-segmentation']);

type Json = Record<string, unknown>;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
  const args = ['-m', 'tests.fakes.tiny_models', join(stage.storage, 'local'), ...NAMES];
  await promisify(execFile)(PYTHON, args, { cwd: ROOT, env: inherited(), timeout: PATIENCE_MS });
});

afterAll(() => stage?.stop());

const launches = new Map<Name, Promise<unknown>>();

/** Once for each; the next is on its way while one is looked at. */
async function launch(name: Name | undefined): Promise<void> {
  if (name === undefined) return;
  const body = { model_id: name, source: 'local', task: name, name };
  if (!launches.has(name)) launches.set(name, stage.deploy(body));
  await launches.get(name);
}

async function lowerThreshold(page: Page): Promise<void> {
  await page.getByText('Parameters', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Threshold', exact: true }).fill('0');
  await page.getByText('1 value changed').waitFor();
}

/** The kinds of an answer without its values; a list is as its first part. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)]));
}

/** Runs the sample, and looks at its answer wide and narrow, light and dark. */
async function drawn(name: Name): Promise<Opened> {
  await launch(name);
  await launch(NAMES[NAMES.indexOf(name) + 1]);
  await stage.running(name);
  onTestFinished(async () => void (await stage.ask(`/deployments/${name}`, { method: 'DELETE' })));
  const opened = await stage.open(`/deployments/${name}/playground`);
  const { page } = opened;
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  if (UNSURE.has(name)) await lowerThreshold(page);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText(DRAWN[name]).first().waitFor();
  await shot(page, `task-${name}`);
  await isAccessibleInBothSchemes(page);
  await page.setViewportSize({ width: 360, height: 800 });
  await isAccessible(page, `${name} narrow`);
  return opened;
}

/** Clicks into the image, then drags a box: the prompts of one object, in pixels of the image. */
async function isAskedByClicking(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 900 });
  const layer = page.getByRole('application');
  const shown = await layer.boundingBox();
  const { width, height } = await page
    .getByRole('img', { name: 'sample.png' })
    .evaluate(({ naturalWidth, naturalHeight }: HTMLImageElement) => ({
      width: naturalWidth,
      height: naturalHeight,
    }));
  if (!shown) throw new Error('The image is not shown.');
  const at = (part: number): [number, number] => [
    shown.x + part * shown.width,
    shown.y + part * shown.height,
  ];
  const pixel = (part: number) => [part * width, part * height].map(Math.round);
  await page.mouse.click(...at(0.5));
  await page.getByText('1 point', { exact: true }).waitFor();
  await page.mouse.move(...at(0.25));
  await page.mouse.down();
  await page.mouse.move(...at(0.75), { steps: 4 });
  await page.mouse.up();
  await page.getByText('1 point and 1 box').waitFor();
  await page.getByText('3 segments').first().waitFor();
  await shot(page, 'task-mask-generation-clicked');
  expect(JSON.parse(await panel(page, 'Request')).parameters).toEqual({
    points: [[pixel(0.5)]],
    labels: [[1]],
    boxes: [[...pixel(0.25), ...pixel(0.75)]],
  });
  await expect
    .poll(async () => JSON.parse(await panel(page, 'Response')).map((one: Json) => one.object))
    .toEqual([0, 0, 0]);
}

const JSONS = NAMES.filter((name) => name !== AUDIO_TYPES);

test.each(JSONS)('%s: the sample runs in one click, and the result is shown', async (name) => {
  const { page, faults } = await drawn(name);
  const answer = JSON.parse(await panel(page, 'Response'));
  expect(shapeOf(JSON.parse(await curlOf(page)))).toEqual(shapeOf(answer));
  if (name === 'mask-generation') await isAskedByClicking(page);
  expect(faults).toEqual([]);
});

test(`${AUDIO_TYPES}: the sample is synthesized in one click, and the curl example saves it as a file`, async () => {
  const { page, faults } = await drawn(AUDIO_TYPES);
  expect(await panel(page, 'Response')).toMatch(/ of audio\/wav/);
  const folder = await scratch();
  await pasted('curl', await panel(page, 'curl'), folder);
  const sound = await readFile(join(folder, 'answer.wav'));
  expect(sound.subarray(0, 4).toString()).toBe('RIFF');
  expect(faults).toEqual([]);
});
