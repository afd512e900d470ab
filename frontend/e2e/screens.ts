/** What every screen owes: no serious finding of axe, no sideways scroll, and a picture to look at. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ROOT } from './plane';

const SHOTS = join(ROOT, 'test-results', 'screens');

interface AxeViolation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/**
 * Half-way through a fade there is no contrast to measure; what turns for ever is left alone.
 * Ended here and not waited for: a page that nobody looks at may draw no further frame.
 */
const STILL = `document.getAnimations()
  .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
  .forEach((animation) => animation.finish())`;

/** Serious and critical findings of axe, as short lines. */
async function axeFindings(page: Page): Promise<string[]> {
  await page.addStyleTag({ content: '*, ::before, ::after { transition: none !important; }' });
  await page.evaluate(STILL);
  await page.evaluate(await readFile(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  const violations: AxeViolation[] = await page.evaluate('axe.run().then((r) => r.violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
}

export async function isAccessible(page: Page, what = page.url()): Promise<void> {
  // Asked again for a moment: a button that is just being enabled is neither the one nor the other.
  await expect.poll(() => axeFindings(page), { message: what, timeout: 10_000 }).toEqual([]);
  const beyond = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(beyond, `${what}: pixels beyond the edge`).toBeLessThanOrEqual(0);
}

export async function isAccessibleInBothSchemes(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await isAccessible(page, `${page.url()} ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

export async function shot(page: Page, name: string, fullPage = false): Promise<void> {
  await mkdir(SHOTS, { recursive: true });
  await page.evaluate(STILL);
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage });
}
