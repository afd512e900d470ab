/** A log as lines: what a terminal would colour is plain here, and trouble is marked by its words. */

export interface Line {
  n: number;
  text: string;
  tone: 'plain' | 'warn' | 'bad';
}

export interface Log {
  lines: readonly Line[];
  /** A line that has not ended yet. */
  rest: string;
  next: number;
}

export const EMPTY: Log = { lines: [], rest: '', next: 1 };
// More would make the page slow; the download has all.
const KEPT = 2000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of terminals begin with one
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;
const BAD = /\b(ERROR|CRITICAL|FATAL|Traceback|error|failed|exception)\b/;
const WARN = /\b(WARN|WARNING|warning)\b/;

function lineOf(raw: string, n: number): Line {
  const text = raw.replace(ESCAPES, '').replace(/\r$/, '');
  return { n, text, tone: BAD.test(text) ? 'bad' : WARN.test(text) ? 'warn' : 'plain' };
}

export function appended(log: Log, chunk: string): Log {
  const parts = (log.rest + chunk).split('\n');
  const rest = parts.pop() ?? '';
  if (parts.length === 0) return { ...log, rest };
  const added = parts.map((part, index) => lineOf(part, log.next + index));
  return {
    lines: [...log.lines, ...added].slice(-KEPT),
    rest,
    next: log.next + added.length,
  };
}

/** Lines with the words somewhere in them, whatever the case. */
export function matching(lines: readonly Line[], words: string): readonly Line[] {
  const wanted = words.trim().toLowerCase();
  return wanted === '' ? lines : lines.filter(({ text }) => text.toLowerCase().includes(wanted));
}

/** The text cut at each place where the words are; odd pieces are the words. */
export function pieces(text: string, words: string): string[] {
  const wanted = words.trim();
  if (wanted === '') return [text];
  const escaped = wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.split(new RegExp(`(${escaped})`, 'i'));
}
