/** Events and sockets for the tests of this feature. */

import type { Deployment, DeploymentEvent } from '@/api/types';
import { deployment, steps } from '@/test/fixtures';

export const START = Date.parse('2026-01-02T10:00:00.000Z');

const isoAt = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

/** Event `seq` at `seq` seconds after the start. */
export const event = (seq: number, changes: Partial<DeploymentEvent> = {}): DeploymentEvent => ({
  seq,
  at: isoAt(seq),
  type: 'progress',
  subject: 'dep_01JD8Q',
  deployment_id: 'dep_01JD8Q',
  current_step: 'download',
  percent: 10,
  completed_steps: 1,
  total_steps: 6,
  message: 'model.safetensors 27 of 268 MB',
  elapsed_seconds: seq,
  details: {},
  ...changes,
});

export const downloaded = (
  seq: number,
  done: number,
  changes: Partial<DeploymentEvent> = {},
): DeploymentEvent =>
  event(seq, {
    percent: 4 + (50 * done) / 1000,
    details: {
      bytes_done: done,
      bytes_total: 1000,
      bytes_per_second: 100,
      eta_seconds: 9,
      file: 'model.safetensors',
    },
    ...changes,
  });

/** Accepted, nothing begun, as of the start. */
export const accepted = (changes: Partial<Deployment> = {}): Deployment =>
  deployment('pending', {
    message: 'Waiting to start.',
    endpoint: null,
    url: null,
    port: null,
    progress: {
      percent: 0,
      current_step: null,
      completed_steps: 0,
      total_steps: 6,
      message: 'Waiting to start.',
      elapsed_seconds: 0,
      eta_seconds: null,
      steps: steps('validate', 'queued').map((step) => ({
        ...step,
        percent: 0,
        elapsed_seconds: null,
      })),
    },
    updated_at: isoAt(0),
    ...changes,
  });

/** In the download, as of `seconds` after the start. */
export const downloading = (seconds: number, percent: number): Deployment =>
  accepted({
    state: 'initializing',
    message: 'Downloading',
    progress: {
      percent,
      current_step: 'download',
      completed_steps: 1,
      total_steps: 6,
      message: 'Downloading',
      elapsed_seconds: seconds,
      eta_seconds: null,
      steps: steps('download', 'running'),
    },
    updated_at: isoAt(seconds),
  });

/** Stands in for the browser's WebSocket; the newest is `FakeSocket.last`. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    const last = FakeSocket.all.at(-1);
    if (last === undefined) throw new Error('no socket was opened');
    return last;
  }

  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number; reason: string }) => void) | null = null;
  isClosed = false;
  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  get after(): number {
    return Number(new URL(this.url).searchParams.get('after'));
  }

  send(...events: DeploymentEvent[]): void {
    for (const one of events) this.onmessage?.({ data: JSON.stringify(one) });
  }

  end(code: number, reason = ''): void {
    this.onclose?.({ code, reason });
  }

  close(): void {
    this.isClosed = true;
  }
}
