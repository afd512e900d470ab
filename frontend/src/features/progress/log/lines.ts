/** Lines of the log, as the panel shows them. */

import { clockSeconds } from '@/lib/time';

export type LogTone = 'plain' | 'good' | 'warn' | 'bad';

export interface LogLine {
  /** Its place since the log was opened; never used twice. */
  n: number;
  time: string | null;
  text: string;
  tone: LogTone;
}

/** ISO 8601, or as Python's logging writes it, in the server's own time. */
const STAMPED = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?\s+(.*)$/;
/** Names are padded to twelve characters, which leaves one space after the longest. */
const STEPS = /^(dependencies|(?:validate|download|prepare|start|verify|-)(?= {2}))\s+(.*)$/;

const BAD = /\b(error|failed|fatal|traceback|killed|died|critical)\b/i;
const WARN =
  /\b(warn(ing)?|stalled|retrying|stopped sending|no bytes|(can't|could not) be reached)\b/i;
const GOOD = /\b(every hash matches|ready|it answered)\b/i;

export function toneOf(text: string): LogTone {
  if (BAD.test(text)) return 'bad';
  if (WARN.test(text)) return 'warn';
  return GOOD.test(text) ? 'good' : 'plain';
}

/** `2026-01-02T10:00:00.123+00:00 download     text` → local time and `download: text`. */
export function parseLine(raw: string, n: number): LogLine {
  const [, day, hour, zone = '', rest] = STAMPED.exec(raw) ?? [];
  if (rest === undefined) {
    return { n, time: null, text: raw, tone: toneOf(raw) };
  }
  const [, step, said] = STEPS.exec(rest) ?? [];
  const text = said === undefined ? rest : step === '-' ? said : `${step}: ${said}`;
  return { n, time: clockSeconds(`${day}T${hour}${zone}`), text, tone: toneOf(text) };
}

/** What is kept on the page; the file has the rest. */
export const MOST_LINES = 600;

export interface LogText {
  lines: readonly LogLine[];
  /** The beginning of a line whose end has not come yet. */
  rest: string;
  next: number;
}

export const EMPTY_LOG: LogText = { lines: [], rest: '', next: 0 };

const METER = /^download: (.+?) [\d.]+ of [\d.]+ [kMGT]?B\b/;

/** A meter speaks twice a second: of each ten seconds only its last word is shown. */
const overtakes = (line: LogLine, last: LogLine | undefined): boolean => {
  const file = METER.exec(line.text)?.[1];
  return (
    last !== undefined &&
    file !== undefined &&
    METER.exec(last.text)?.[1] === file &&
    last.time?.slice(0, -1) === line.time?.slice(0, -1)
  );
};

export function appendText(log: LogText, text: string): LogText {
  const parts = (log.rest + text).split('\n');
  const rest = parts.pop() ?? '';
  const added = parts.filter((part) => part.trim() !== '');
  if (added.length === 0) return { ...log, rest };
  const lines = [...log.lines];
  for (const [index, part] of added.entries()) {
    const line = parseLine(part, log.next + index);
    if (overtakes(line, lines.at(-1))) lines.pop();
    lines.push(line);
  }
  return { lines: lines.slice(-MOST_LINES), rest, next: log.next + added.length };
}
