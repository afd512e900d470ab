/** What is sent to a model server, and the same thing for a terminal. */
import { formatBytes } from '@/lib/format';

export interface Outgoing {
  query: Readonly<Record<string, string>>;
  contentType: string;
  body: string | Blob;
  /** As the Request tab shows it. */
  shown: string;
  /** The arguments after the address. */
  curlBody: string;
  /** What a terminal pipes into curl, where the body is no text of its own. */
  curlPipe?: string;
}

/** A picture or a sound, wherever it came from. */
export interface Media {
  blob: Blob;
  name: string;
  /** Where nobody has the file, the bytes travel inside the command. */
  base64: string | null;
}

export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export function jsonRequest(body: unknown): Outgoing {
  const text = JSON.stringify(body);
  return {
    query: {},
    contentType: 'application/json',
    body: text,
    shown: pretty(body),
    curlBody: `-d ${quoted(text)}`,
  };
}

/** The file is the body; parameters go into the query. */
export function mediaRequest(media: Media, values: Readonly<Record<string, unknown>>): Outgoing {
  const query = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, String(value)]),
  );
  const contentType = media.blob.type || 'application/octet-stream';
  return {
    query,
    contentType,
    body: media.blob,
    shown: `${formatBytes(media.blob.size)} of ${contentType}, ${media.name}`,
    curlBody: `--data-binary @${media.base64 === null ? quoted(media.name) : '-'}`,
    ...(media.base64 === null ? {} : { curlPipe: `echo ${media.base64} | base64 -d` }),
  };
}

export interface CurlTarget {
  endpoint: string;
  needsKey: boolean;
  /** The file for an answer that is none for a terminal. */
  saveAs?: string | undefined;
}

export function curlOf(sent: Outgoing, target: CurlTarget): string {
  const search = new URLSearchParams(sent.query).toString();
  const address = search === '' ? target.endpoint : quoted(`${target.endpoint}?${search}`);
  const lines = [
    `curl ${address}`,
    `-H 'Content-Type: ${sent.contentType}'`,
    ...(target.needsKey ? ['-H "Authorization: Bearer $API_KEY"'] : []),
    sent.curlBody,
    ...(target.saveAs === undefined ? [] : [`--output ${target.saveAs}`]),
  ];
  const pipe = sent.curlPipe === undefined ? '' : `${sent.curlPipe} | \\\n`;
  return pipe + lines.join(' \\\n  ');
}

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Indented JSON; a list of numbers or words stays on one line. */
export function pretty(value: unknown, indent = ''): string {
  if (isScalar(value)) return JSON.stringify(value) ?? 'null';
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every(isScalar)) return `[${value.map((one) => JSON.stringify(one)).join(', ')}]`;
    const items = value.map((one) => deeper + pretty(one, deeper));
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value as object).map(
    ([name, one]) => `${deeper}${JSON.stringify(name)}: ${pretty(one, deeper)}`,
  );
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`;
}
