/** The real control plane, with storage and ports of its own and no way to the real Hub. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Deployment } from '@/api/types';
import { Hopeless, PATIENCE_MS, until } from './patience';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PYTHON = join(ROOT, '.venv/bin/python');
/** What a child may see of our environment; a proxy would send loopback elsewhere. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR'];
const PORTS = 40;
const LOG_LINES = 20;

export interface Plane {
  url: string;
  /** Where it keeps models; one of our own is `local/<name>` below it. */
  storage: string;
  /** The JSON of a call below the prefix; anything but a success is an error. */
  ask: <T>(path: string, init?: RequestInit) => Promise<T>;
  deploy: (body: Record<string, unknown>) => Promise<Deployment>;
  running: (name: string) => Promise<Deployment>;
  /** The last lines of what it printed. */
  said: () => Promise<string>;
  stop: () => Promise<void>;
}

/** The environment of a process of ours; pip uses the package index of this one. */
export const inherited = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && (INHERITED.includes(name) || name.startsWith('PIP_'))
        ? [[name, value]]
        : [],
    ),
  );

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createServer();
    socket.once('error', () => resolve(false));
    socket.listen(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });

/** The first of a row that nobody listens on, below the range from which outgoing calls take theirs. */
async function freePorts(): Promise<number> {
  // The tests that run beside these have a range of their own.
  const begin = 20_000 + (Number(process.env.VITEST_POOL_ID ?? 1) % 2) * 6_000;
  for (let first = begin + ((process.pid * 97) % 5_000); first < 32_000; first += PORTS) {
    const row = Array.from({ length: PORTS }, (_, n) => isFree(first + n));
    if ((await Promise.all(row)).every(Boolean)) return first;
  }
  throw new Error('no free ports in a row');
}

export async function startPlane(settings: Record<string, string> = {}): Promise<Plane> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-e2e-'));
  const storage = join(home, 'storage');
  const first = await freePorts();
  const env = {
    ...inherited(),
    PYTHONPATH: ROOT,
    BACKEND_HOST: '127.0.0.1',
    BACKEND_PORT: String(first),
    FRONTEND_PORT: String(first + 1),
    METRICS_PORT: String(first + 2),
    MODEL_SERVE_PORT_START: String(first + 4),
    MODEL_SERVE_PORT_END: String(first + PORTS - 1),
    MODEL_STORAGE_PATH: storage,
    TEMP_MODEL_PATH: join(storage, 'tmp'),
    LOGS_PATH: join(home, 'logs'),
    HUGGINGFACE_CACHE_DIR: join(home, 'cache'),
    HF_HOME: join(home, 'no-home'),
    HF_ENDPOINT: 'http://127.0.0.1:9',
    STOP_MODELS_ON_EXIT: 'true',
    ...settings,
  };
  const log = join(home, 'plane.log');
  const output = createWriteStream(log);
  // Its own folder, so that nobody's .env counts.
  const child = spawn(PYTHON, ['-m', 'backend.api_server'], { cwd: home, env });
  child.stdout.pipe(output);
  child.stderr.pipe(output);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said = async () => (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES);
  const url = `http://127.0.0.1:${first}`;
  await until('the control plane answers', async () => {
    if (child.exitCode !== null) throw new Hopeless(`it ended:\n${(await said()).join('\n')}`);
    return (await fetch(`${url}/ready`)).ok || null;
  });
  return {
    url,
    storage,
    ...callsTo(`${url}/api/v1`),
    said: async () => (await said()).join('\n'),
    stop: () => stop(child, gone, home),
  };
}

function callsTo(prefix: string): Pick<Plane, 'ask' | 'deploy' | 'running'> {
  const ask = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const answer = await fetch(prefix + path, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    ask,
    deploy: (body) =>
      ask('/deployments', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    running: (name) =>
      until(`${name} is running`, async () => {
        const found = await ask<Deployment>(`/deployments/${name}`);
        if (found.state === 'failed') throw new Hopeless(`${name}: ${found.problem?.detail}`);
        if (found.state !== 'running') throw new Error(`it is ${found.state}: ${found.message}`);
        return found;
      }),
  };
}

async function stop(child: ChildProcess, gone: Promise<void>, home: string): Promise<void> {
  child.kill('SIGINT');
  const isLate = await Promise.race([
    gone.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), PATIENCE_MS).unref()),
  ]);
  if (isLate) child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
  if (isLate) throw new Error('the control plane did not end when it was asked to');
}
