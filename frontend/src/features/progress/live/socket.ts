/** One WebSocket, from its ticket to its close. */

import { api, webSocketUrl } from '@/api/client';
import { currentKey } from '@/api/key';
import type { DeploymentEvent } from '@/api/types';

const PROTOCOL = 'slipway.v1';
/** Two heartbeats and a half without a word: the line is dead, whatever TCP believes. */
const SILENCE_MS = 75_000;
/** Of our own, from the range that is free for applications. */
export const CLOSE_SILENT = 4000;

export interface Heard {
  open: () => void;
  event: (event: DeploymentEvent) => void;
  close: (code: number, reason: string) => void;
}

/** Browsers can't send headers here: with a key, a one-time ticket goes as a subprotocol. */
async function protocols(): Promise<string[]> {
  if (currentKey() === null) return [PROTOCOL];
  const { ticket } = await api.post<{ ticket: string }>('/ws-ticket');
  return [PROTOCOL, `slipway.ticket.${ticket}`];
}

function parse(data: unknown): DeploymentEvent | null {
  try {
    const event: unknown = JSON.parse(String(data));
    return typeof event === 'object' && event !== null && 'type' in event
      ? (event as DeploymentEvent)
      : null;
  } catch {
    return null;
  }
}

/** Opens one; the function returned closes it without a word to `heard`. */
export function watch(id: string, after: number, heard: Heard): () => void {
  let socket: WebSocket | null = null;
  let isLeft = false;
  let alarm: ReturnType<typeof setTimeout> | undefined;

  const end = (code: number, reason: string) => {
    if (isLeft) return;
    isLeft = true;
    clearTimeout(alarm);
    heard.close(code, reason);
  };
  const listen = () => {
    clearTimeout(alarm);
    alarm = setTimeout(() => {
      end(CLOSE_SILENT, 'silent');
      socket?.close();
    }, SILENCE_MS);
  };
  const open = (names: string[]) => {
    if (isLeft) return;
    socket = new WebSocket(webSocketUrl(`/ws/${encodeURIComponent(id)}`, { after }), names);
    socket.onopen = () => {
      if (isLeft) return;
      listen();
      heard.open();
    };
    socket.onmessage = ({ data }) => {
      if (isLeft) return;
      listen();
      const event = parse(data);
      if (event) heard.event(event);
    };
    socket.onclose = ({ code, reason }) => end(code, reason);
    listen();
  };
  protocols().then(open, () => end(1006, 'no ticket'));
  return () => {
    isLeft = true;
    clearTimeout(alarm);
    socket?.close();
  };
}
