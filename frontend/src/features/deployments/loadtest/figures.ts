/** A load test as rows of a table: what was measured, beside what prepare measured in the model. */
import type { LoadTest, LoadTestResult } from '@/api/types';
import { formatBytes, formatCount, formatMs, formatShare, plural } from '@/lib/format';

export interface FigureRow {
  name: string;
  value: string;
  /** Null: prepare has no such figure. */
  prepare: string | null;
}

const ms = (value: number | null): string => (value === null ? '–' : formatMs(value));

const latencyRows = (test: LoadTest, { latency_ms }: LoadTestResult): FigureRow[] => [
  {
    name: 'Latency p50',
    value: ms(latency_ms.p50),
    prepare: test.prepare && `${formatMs(test.prepare.latency_ms)} alone`,
  },
  { name: 'Latency p95', value: ms(latency_ms.p95), prepare: null },
  { name: 'Latency p99', value: ms(latency_ms.p99), prepare: null },
];

function streamRows({ streaming }: LoadTestResult): FigureRow[] {
  if (streaming === null) return [];
  const { time_to_first_token_ms: first, inter_token_ms: between } = streaming;
  return [
    { name: 'Tokens per second', value: formatCount(streaming.tokens_per_second), prepare: null },
    { name: 'First token p50', value: ms(first.p50), prepare: null },
    { name: 'First token p95', value: ms(first.p95), prepare: null },
    { name: 'Between tokens p50', value: ms(between.p50), prepare: null },
    { name: 'Between tokens p95', value: ms(between.p95), prepare: null },
  ];
}

export function rowsOf(test: LoadTest): FigureRow[] {
  const { result, prepare } = test;
  if (result === null) return [];
  return [
    {
      name: 'Requests per second',
      value: formatCount(result.requests_per_second),
      prepare: prepare && formatCount(prepare.inputs_per_second),
    },
    ...latencyRows(test, result),
    ...streamRows(result),
    ...(result.batch_size
      ? [{ name: 'Mean batch size', value: result.batch_size.mean.toFixed(1), prepare: null }]
      : []),
  ];
}

export interface BatchBar {
  label: string;
  share: number;
}

/** "1", "2", "3 to 4", "over 128": how many batches had so many inputs. */
export function batchBars({ batch_size: sizes }: LoadTestResult): BatchBar[] {
  if (sizes === null) return [];
  return sizes.distribution.map(({ at_most: most, batches }) => ({
    label: sizeLabel(most),
    share: batches / sizes.batches,
  }));
}

const LARGEST = 128;

/** The server counts by powers of two. */
function sizeLabel(most: number | null): string {
  if (most === null) return `over ${LARGEST}`;
  return most <= 2 ? String(most) : `${most / 2 + 1} to ${most}`;
}

const KINDS: Readonly<Record<string, string>> = {
  connection: 'connection lost',
  stream: 'stream failed',
  unfinished: 'without a response at the end',
};

const statusName = (kind: string): string => KINDS[kind] ?? `status ${kind}`;

/** "12 requests failed: 10 × status 429, 2 × connection lost." Null: none did. */
export function errorsOf({ errors, requests }: LoadTestResult): string | null {
  const kinds = Object.entries(errors);
  const failed = kinds.reduce((sum, [, count]) => sum + count, 0);
  if (failed === 0) return null;
  const parts = kinds.map(([kind, count]) => `${count.toLocaleString('en')} × ${statusName(kind)}`);
  const share = formatShare(failed, failed + requests);
  return `${plural(failed, 'request')} failed (${share}): ${parts.join(', ')}.`;
}

/** "8 at a time for 10 s, samples of the task". */
export function loadOf({ concurrency, seconds, input }: LoadTest): string {
  const what = {
    sample: 'samples of the task',
    inputs: plural(input.count, 'request body', 'request bodies'),
    file: `a file of ${formatBytes(input.bytes ?? 0)}`,
  }[input.kind];
  return `${concurrency} at a time for ${seconds} s, ${what}`;
}
