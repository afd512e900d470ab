/** A Hub on loopback whose speed and faults we set. */
import { type ChildProcess, spawn } from 'node:child_process';
import { inherited, PYTHON, ROOT } from './plane';

export interface Hub {
  url: string;
  /** These and no other: files come at `rate`; with `stall`, nothing comes after so many bytes. */
  does: (faults: Record<string, unknown>[]) => Promise<void>;
  stop: () => void;
}

/** Serves the folders `owner/name` below `models`. */
export async function startHub(models: string): Promise<Hub> {
  const child = spawn(PYTHON, ['-m', 'tests.fakes.hub', '--models', models], {
    cwd: ROOT,
    env: inherited(),
  });
  const url = await addressOf(child);
  const control = `${url}/_faults`;
  return {
    url,
    does: async (faults) => {
      await fetch(control, { method: 'DELETE' });
      for (const fault of faults) {
        await fetch(control, { method: 'POST', body: JSON.stringify(fault) });
      }
    },
    stop: () => void child.kill('SIGTERM'),
  };
}

const addressOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`the Hub ended with ${code}: ${said}`)));
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
      const found = /http:\S+(?=\s)/.exec(said);
      if (found) resolve(found[0]);
    });
  });
