/** A real nginx with TLS in front of a control plane, with the configuration of DEPLOYMENT_GUIDE.md. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Hopeless, until } from './patience';
import { inherited, PYTHON, ROOT } from './plane';

/** Whether the reverse proxy's tests can run. In CI they must. */
export const hasNginx = (): boolean =>
  process.env.CI !== undefined ||
  ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].some(existsSync) ||
  spawnSync('nginx', ['-v']).status === 0;

/** Ends it. `folder` gets configuration, certificate and log. */
export type Stop = () => Promise<void>;

/** nginx at https://127.0.0.1:`port`/slipway/, which removes `/slipway` and names it in a header. */
export async function startNginx(folder: string, port: number, backendPort: number): Promise<Stop> {
  const words = ['-m', 'tests.fakes.nginx', join(folder, 'nginx'), String(port)];
  const child = spawn(PYTHON, [...words, String(backendPort), 'removes'], {
    cwd: ROOT,
    env: inherited(),
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until('nginx listens', async () => {
    if (child.exitCode !== null) throw new Hopeless(`nginx ended: ${said}`);
    return (await isOpen(port)) || null;
  });
  return async () => {
    child.kill('SIGTERM');
    await gone;
  };
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
