/** Pastes what the page shows into a terminal, and says what came out. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { PATIENCE_MS } from './patience';
import { inherited, PYTHON, ROOT } from './plane';

const run = promisify(execFile);

/** The interpreter that has OpenAI's client, from the lock of the suite of clients. */
async function withOpenai(): Promise<string> {
  const code = 'from tests.clients.environments import python_of; print(python_of("openai"))';
  const { stdout } = await run(PYTHON, ['-c', code], { cwd: ROOT, timeout: PATIENCE_MS });
  return stdout.trim();
}

type Program = string | (() => Promise<string>);

/** A label that is not here has nobody who could paste it, and fails. */
const WHERE: Readonly<Record<string, readonly [file: string, program: Program]>> = {
  curl: ['curl.sh', 'bash'],
  Python: ['with_requests.py', PYTHON],
  InferenceClient: ['with_client.py', PYTHON],
  OpenAI: ['with_openai.py', withOpenai],
  JavaScript: ['fetch.mjs', process.execPath],
};

const READS_A_FILE = /--data-binary @\w|base64 < /;

/** A folder for one test. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-snippets-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function pasted(label: string, code: string, folder: string): Promise<string> {
  const [file, program] = WHERE[label] ?? [];
  if (file === undefined || program === undefined) throw new Error(`nothing runs ${label}`);
  await writeFile(join(folder, file), code);
  const options = { cwd: folder, env: inherited(), timeout: PATIENCE_MS };
  try {
    return (await run(typeof program === 'string' ? program : await program(), [file], options))
      .stdout;
  } catch (error) {
    throw new Error(`${label}: ${lastWords(error)}`, { cause: error });
  }
}

/** The last line of what a program wrote to its standard error: the summary of a run shows one line. */
function lastWords(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  return stderr.trim().split('\n').at(-1) || message;
}

/** What each example of the page answers, by its label; media tasks send the sample that the page offers. */
export async function everySnippet(page: Page): Promise<Map<string, string>> {
  const folder = await scratch();
  await page.getByRole('tab').first().waitFor();
  const shown = (await page.getByRole('tabpanel').locator('pre').textContent()) ?? '';
  if (READS_A_FILE.test(shown)) {
    // The link comes after the examples, with the task's samples.
    const sample = page.getByRole('link', { name: /^Save a sample as/ });
    const [download] = await Promise.all([page.waitForEvent('download'), sample.click()]);
    await download.saveAs(join(folder, download.suggestedFilename()));
  }
  const answers = new Map<string, string>();
  for (const label of await page.getByRole('tab').allTextContents()) {
    await page.getByRole('tab', { name: label, exact: true }).click();
    const code = (await page.getByRole('tabpanel').locator('pre').textContent()) ?? '';
    answers.set(label, await pasted(label, code, folder));
  }
  return answers;
}
