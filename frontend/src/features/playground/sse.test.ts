import { expect, test } from 'vitest';
import { eventsOf, parseEvents } from './sse';

const streamed = (pieces: (string | Uint8Array)[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      const encoder = new TextEncoder();
      for (const piece of pieces) {
        controller.enqueue(typeof piece === 'string' ? encoder.encode(piece) : piece);
      }
      controller.close();
    },
  });

async function all(pieces: (string | Uint8Array)[]): Promise<string[]> {
  const found: string[] = [];
  for await (const data of eventsOf(streamed(pieces))) found.push(data);
  return found;
}

test('buffers an incomplete event', () => {
  expect(parseEvents('data: one\n\ndata: tw')).toEqual({ data: ['one'], rest: 'data: tw' });
});

test('joins data lines and skips comments and other fields', () => {
  const { data } = parseEvents(': hello\n\nevent: token\nid: 3\ndata: a\ndata:b\n\n');
  expect(data).toEqual(['a\nb']);
});

test('reads events split at any byte, also inside a character', async () => {
  const bytes = new TextEncoder().encode('data: {"text":"né"}\n\n');
  const at = bytes.indexOf(0xc3) + 1;
  expect(await all([bytes.slice(0, at), bytes.slice(at)])).toEqual(['{"text":"né"}']);
});

test('supports CRLF split between CR and LF', async () => {
  expect(await all(['data: a\r', '\n\r', '\ndata: b\r\n\r\n'])).toEqual(['a', 'b']);
});

test('stops on abort while the server continues', async () => {
  const controller = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    start: (made) => made.enqueue(new TextEncoder().encode('data: a\n\n')),
  });
  const found: string[] = [];
  for await (const data of eventsOf(endless, controller.signal)) {
    found.push(data);
    controller.abort();
  }
  expect(found).toEqual(['a']);
});

test('emits a last event without a trailing empty line', async () => {
  expect(await all(['data: a\n\ndata: [DONE]'])).toEqual(['a', '[DONE]']);
});
