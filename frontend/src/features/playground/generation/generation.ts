/** One streamed answer as a pure function of its events. */
import { makeProblem } from '@/api/problem';
import type { Problem } from '@/api/types';
import type { Timing } from '../timing';

export interface Generation {
  text: string;
  tokens: number;
  /** Since the request was sent. */
  firstMs: number | null;
  elapsedMs: number;
  end: 'whole' | 'stopped' | 'failed' | null;
  problem: Problem | null;
  /** The last events as they came. */
  lines: readonly string[];
}

const KEPT_LINES = 200;

export const BEGUN: Generation = {
  text: '',
  tokens: 0,
  firstMs: null,
  elapsedMs: 0,
  end: null,
  problem: null,
  lines: [],
};

interface HubEvent {
  token?: { text?: string; special?: boolean };
  generated_text?: string | null;
  error?: string;
  error_type?: string;
}

const parse = (data: string): HubEvent => {
  try {
    return JSON.parse(data) as HubEvent;
  } catch {
    return {};
  }
};

const failed = (event: HubEvent): Problem =>
  makeProblem({
    code: event.error_type ?? 'generation-failed',
    title: 'The response was interrupted',
    detail: event.error ?? '',
    remedy: 'Try again; other requests are not affected.',
    status: 424,
  });

/** `ms` is the time since the request was sent. */
export function received(before: Generation, data: string, ms: number): Generation {
  const now = { ...before, elapsedMs: ms, lines: [...before.lines, data].slice(-KEPT_LINES) };
  if (data === '[DONE]') return now;
  const event = parse(data);
  if (event.error !== undefined) return { ...now, end: 'failed', problem: failed(event) };
  if (event.token === undefined) return now;
  const piece = event.token.special ? '' : (event.token.text ?? '');
  return {
    ...now,
    tokens: now.tokens + 1,
    firstMs: now.firstMs ?? ms,
    text: event.generated_text ?? now.text + piece,
  };
}

/** Tokens per second after the first one; the first one's time is the prompt's. */
export function rateOf({ tokens, firstMs, elapsedMs }: Generation): number | null {
  const seconds = (elapsedMs - (firstMs ?? 0)) / 1000;
  return tokens > 1 && seconds > 0 ? (tokens - 1) / seconds : null;
}

export function timingOf({ firstMs, elapsedMs, end }: Generation): Timing | null {
  if (firstMs === null) return null;
  const totalMs = end === null ? elapsedMs : Math.max(elapsedMs, firstMs);
  return {
    parts: [
      { name: 'prompt', ms: firstMs },
      { name: 'tokens', ms: totalMs - firstMs },
    ],
    totalMs,
  };
}

/** "41 tokens · 21.4 per second · first after 0.31 s" */
export function factsOf(made: Generation, limit: number | null): string {
  const rate = rateOf(made);
  const facts = [`${made.tokens} ${made.tokens === 1 ? 'token' : 'tokens'}`];
  if (rate !== null) facts.push(`${rate < 100 ? rate.toFixed(1) : Math.round(rate)} per second`);
  if (made.end !== null && made.firstMs !== null) {
    facts.push(`first after ${(made.firstMs / 1000).toFixed(2)} s`);
  }
  if (made.end === 'stopped') facts.push('stopped');
  if (made.end === 'whole' && made.tokens === limit) facts.push('stopped at the token limit');
  return facts.join(' · ');
}
