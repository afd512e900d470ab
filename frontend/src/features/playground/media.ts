import type { Media } from './requests';

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w=.+-]+)*;base64,(.*)$/s;
// A command line of more than this is no longer something to paste.
const MAX_PASTED = 100_000;

/** The file inside a `data:` URL. Read here, for the page's policy forbids to fetch one. */
export function mediaOfDataUrl(url: unknown, name: string): Media | null {
  const [, type, base64] = typeof url === 'string' ? (DATA_URL.exec(url) ?? []) : [];
  if (!type || base64 === undefined) return null;
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const blob = new Blob([bytes], { type });
  return { blob, name, base64: base64.length <= MAX_PASTED ? base64 : null };
}

/** The file that stands as base64 in a JSON example. */
export const mediaOfBase64 = (packed: unknown, type: string, name: string): Media | null =>
  typeof packed === 'string' && packed.startsWith('data:')
    ? mediaOfDataUrl(packed, name)
    : mediaOfDataUrl(`data:${type};base64,${String(packed ?? '')}`, name);

export const mediaOfFile = (file: File): Media => ({ blob: file, name: file.name, base64: null });
