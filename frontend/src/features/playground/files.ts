/** JSON bodies with files in them: base64 when sent, a word when shown, a command in a terminal. */
import { formatBytes } from '@/lib/format';
import { type Media, type Outgoing, pretty, quoted } from './requests';

const isMedia = (value: unknown): value is Media =>
  typeof value === 'object' && value !== null && 'blob' in value;

/** The body with each file put through `put`. */
function withFiles(value: unknown, put: (media: Media) => unknown): unknown {
  if (isMedia(value)) return put(value);
  if (Array.isArray(value)) return value.map((one) => withFiles(one, put));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, withFiles(one, put)]),
  );
}

function filesIn(body: unknown): Media[] {
  const found: Media[] = [];
  withFiles(body, (media) => found.push(media));
  return found;
}

async function base64Of({ blob, base64 }: Media): Promise<string> {
  if (base64 !== null) return base64;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let letters = '';
  // In parts, for a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(letters);
}

/** What goes over the wire. */
export async function packed(body: unknown): Promise<Outgoing> {
  const files = new Map<Media, string>();
  for (const media of filesIn(body)) files.set(media, await base64Of(media));
  return { ...preview(body), body: JSON.stringify(withFiles(body, (one) => files.get(one))) };
}

/** The same, before anything is read; its body is not for sending. */
export function preview(body: unknown): Outgoing {
  const named = ({ name, blob }: Media) => `base64 of ${name}, ${formatBytes(blob.size)}`;
  return {
    query: {},
    contentType: 'application/json',
    body: '',
    shown: pretty(withFiles(body, named)),
    ...curlParts(body),
  };
}

function curlParts(body: unknown): Pick<Outgoing, 'curlBody' | 'curlPipe'> {
  const files = filesIn(body);
  if (files.length === 0) return { curlBody: `-d ${quoted(JSON.stringify(body))}` };
  const mark = '\u0000';
  const pieces = JSON.stringify(withFiles(body, () => mark)).split(
    JSON.stringify(mark).slice(1, -1),
  );
  const printed = pieces.flatMap((piece, index) => {
    const file = files[index];
    const text = `printf %s ${quoted(piece)}`;
    return file ? [text, commandOf(file)] : [text];
  });
  return { curlPipe: `{ ${printed.join('; ')}; }`, curlBody: '--data-binary @-' };
}

/** Prints a file in base64; where nobody has the file, its bytes stand in the command. */
const commandOf = ({ name, base64 }: Media): string =>
  base64 === null ? `base64 < ${quoted(name)} | tr -d '\\n'` : `printf %s ${base64}`;
