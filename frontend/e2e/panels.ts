/** The panels beside a playground: what came, what was sent, and the same for a terminal. */
import type { Page } from 'playwright-core';
import { pasted, scratch } from './snippets';

export async function panel(page: Page, name: string): Promise<string> {
  await page.getByRole('tab', { name, exact: true }).click();
  return (await page.getByRole('region', { name, exact: true }).textContent()) ?? '';
}

/** What the terminal answers to the command that the page shows. */
export const curlOf = async (page: Page): Promise<string> =>
  pasted('curl', await panel(page, 'curl'), await scratch());
