/** Server-sent events from a fetch body: `EventSource` can neither POST nor send a key. */

export interface Parsed {
  data: string[];
  /** The beginning of an event that has not ended yet. */
  rest: string;
}

/** Every whole event of `text`, as its data lines joined; other fields and comments are skipped. */
export function parseEvents(text: string): Parsed {
  const blocks = text.replace(/\r\n?/g, '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  const data = blocks.flatMap((block) => {
    const lines = block
      .split('\n')
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).replace(/^ /, ''));
    return lines.length > 0 ? [lines.join('\n')] : [];
  });
  return { data, rest };
}

/**
 * Data of each event as it comes, until the end or until `signal` says so. A last event without its
 * empty line counts as well.
 */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', stop);
  const decoder = new TextDecoder();
  let kept = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      kept += done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true });
      // A CR at the end may be half of a CRLF.
      const held = !done && kept.endsWith('\r') ? '\r' : '';
      const { data, rest } = parseEvents(held ? kept.slice(0, -1) : kept);
      kept = rest + held;
      yield* data;
      if (done) return;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
  }
}
