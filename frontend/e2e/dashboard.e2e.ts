/** The charts of a deployment, at values from microseconds to hours: every label of an axis is whole. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Moment, Series } from '@/api/types';
import { deployment } from '../src/test/fixtures';
import { isAccessible, shot } from './screens';
import { type Stage, setStage } from './stage';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});

afterAll(() => stage?.stop());

interface Scale {
  ms: number;
  count: number;
  bytes: number;
  /** What the topmost labels must say: requests, latency, batch size, memory. */
  tops: readonly string[];
}

const HOUR = 3_600_000;

/** The API's answers at one scale; the last of 180 moments is the largest. */
const SCALES: Readonly<Record<string, Scale>> = {
  smallest: { ms: 0.01, count: 1, bytes: 900, tops: ['4', '10 µs', '2', '1 kB'] },
  small: { ms: 7.5, count: 9_999, bytes: 99e6, tops: ['30 k', '7.5 ms', '2', '100 MB'] },
  seconds: { ms: 12_600, count: 248_000, bytes: 5.9e9, tops: ['750 k', '15 s', '2', '6 GB'] },
  minutes: { ms: 400_000, count: 3e6, bytes: 999e9, tops: ['10 M', '7.5 min', '2', '1 TB'] },
  largest: { ms: 99 * HOUR, count: 99e6, bytes: 88e12, tops: ['300 M', '100 h', '2', '100 TB'] },
};

function seriesOf({ ms, count, bytes }: Scale): Series {
  const moments: Moment[] = Array.from({ length: 180 }, (_, index) => {
    const share = (index + 1) / 180;
    return {
      at: new Date(Date.UTC(2026, 0, 2, 10, 0, index * 5)).toISOString(),
      seconds: 5,
      requests: { '2xx': count, '4xx': index === 90 ? 1 : 0 },
      latency_ms: { p50: ms * share, p90: ms * share, p95: ms * share, p99: ms * share },
      queue_depth: 0,
      in_flight: 0,
      batch_size: 2,
      memory_bytes: bytes * share,
    };
  });
  return {
    window_seconds: 900,
    interval_seconds: 5,
    moments,
    requests: { '2xx': count * 180, '4xx': 1 },
    requests_per_minute: count * 12,
    latency_ms: { p50: ms, p90: ms, p95: ms, p99: ms },
  };
}

/** The real page, with the API's answers about one deployment replaced. */
async function dashboard(scale: Scale, look: { width: number; colorScheme: 'light' | 'dark' }) {
  const shown = deployment('running', { id: 'dep_shown', memory: null });
  const { page, faults } = await stage.open('/models', {
    viewport: { width: look.width, height: 900 },
    colorScheme: look.colorScheme,
    deviceScaleFactor: 2,
  });
  const path = '**/api/v1/deployments/dep_shown';
  await page.route(path, (route) => route.fulfill({ json: shown }));
  await page.route(`${path}/metrics*`, (route) => route.fulfill({ json: seriesOf(scale) }));
  await page.goto(`${stage.url}/deployments/dep_shown/metrics`);
  await page.locator('.recharts-yAxis-tick-labels').nth(3).waitFor();
  return { page, faults };
}

/** Labels of an axis that reach beyond their drawing, as "text: left right top bottom" in pixels. */
const clippedLabels = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.recharts-cartesian-axis-tick text')].flatMap((text) => {
      const box = text.getBoundingClientRect();
      const frame = text.closest('svg')?.getBoundingClientRect() ?? new DOMRect();
      const beyond = [
        frame.left - box.left,
        box.right - frame.right,
        frame.top - box.top,
        box.bottom - frame.bottom,
      ];
      const isWhole = box.width > 0 && beyond.every((pixels) => pixels <= 0);
      return isWhole ? [] : [`${text.textContent}: ${beyond.map(Math.round).join(' ')}`];
    }),
  );

/** Labels of one axis that touch each other. */
const touchingLabels = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.recharts-cartesian-axis-tick-labels')].flatMap((axis) => {
      const texts = [...axis.querySelectorAll('text')];
      const boxes = texts.map((text) => text.getBoundingClientRect());
      return texts.flatMap((text, index) => {
        const [box, next] = [boxes[index], boxes[index + 1]];
        const apart =
          !box || !next || box.right < next.left || next.bottom < box.top || box.bottom < next.top;
        return apart ? [] : [`${text.textContent} ${texts[index + 1]?.textContent}`];
      });
    }),
  );

const topLabels = (page: Page): Promise<(string | null)[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.recharts-yAxis-tick-labels')].map(
      (axis) => [...axis.querySelectorAll('text')].at(-1)?.textContent ?? null,
    ),
  );

const WIDTHS = [1440, 360] as const;
const SCHEMES = ['light', 'dark'] as const;

test.each(Object.keys(SCALES).flatMap((name) => WIDTHS.map((width) => [name, width] as const)))(
  'axis labels are not cut off and do not overlap: %s values, %d pixels wide',
  async (...one) => {
    const [name, width] = one;
    const scale = SCALES[name];
    if (!scale) throw new Error(name);
    // The narrow page is the hard one; the colours of the wide one are the same.
    for (const colorScheme of width === 360 ? SCHEMES : SCHEMES.slice(0, 1)) {
      const { page, faults } = await dashboard(scale, { width, colorScheme });
      await expect.poll(() => topLabels(page)).toEqual(scale.tops);
      expect(await clippedLabels(page), colorScheme).toEqual([]);
      expect(await touchingLabels(page), colorScheme).toEqual([]);
      await isAccessible(page, `${name} ${width} ${colorScheme}`);
      await shot(page, `metrics-${name}-${colorScheme}-${width}`, true);
      expect(faults).toEqual([]);
    }
  },
);
