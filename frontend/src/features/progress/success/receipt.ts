/** The receipt in words: how it runs, what else was tried, and why that was not taken. */

import type { Candidate, Receipt } from '@/api/types';
import { plural } from '@/lib/format';

const ENGINES: Readonly<Record<string, string>> = {
  torch: 'PyTorch',
  openvino: 'OpenVINO',
  onnxruntime: 'ONNX Runtime',
  diffusers: 'diffusers',
  'llama.cpp': 'llama.cpp',
  handler: 'handler.py',
};

const DEVICES: Readonly<Record<string, string>> = { cpu: 'CPU', mps: 'Apple GPU' };

export const engineName = (engine: string): string => ENGINES[engine] ?? engine;

export const deviceName = (device: string): string => DEVICES[device] ?? device.toUpperCase();

const PACKED = 'packed weights';

/** "PyTorch, CPU, bfloat16, packed weights, 8 threads". */
export const runsAs = ({ engine, device, dtype, threads, packs_weights }: Receipt): string =>
  [
    engineName(engine),
    deviceName(device),
    dtype,
    packs_weights ? PACKED : null,
    plural(threads, 'thread'),
  ]
    .filter(Boolean)
    .join(', ');

/** Names only what tells the candidates apart, but always the precision. */
export function candidateName(one: Candidate, all: readonly Candidate[]): string {
  const differ = (pick: (candidate: Candidate) => unknown): boolean =>
    new Set(all.map(pick)).size > 1;
  return [
    differ((c) => c.engine) ? engineName(one.engine) : null,
    differ((c) => c.device) ? deviceName(one.device) : null,
    one.dtype,
    one.packs_weights ? PACKED : null,
    plural(one.threads, 'thread'),
  ]
    .filter(Boolean)
    .join(', ');
}

/** Of the slowest, for bars: shorter is faster. Null where nothing was measured. */
export function latencyShare(one: Candidate, all: readonly Candidate[]): number | null {
  const slowest = Math.max(0, ...all.map((candidate) => candidate.latency_ms ?? 0));
  return one.latency_ms === null || slowest === 0 ? null : one.latency_ms / slowest;
}

/** What is still prepared; else why the fastest was not taken, or why the chosen one was. */
export function receiptNote({ candidates }: Receipt): string | null {
  const pending = candidates.find((one) => one.is_pending);
  if (pending !== undefined) {
    return `${candidateName(pending, candidates)}: ${pending.reason.replace(/\.$/, '')}.`;
  }
  const measured = candidates.filter((one) => one.latency_ms !== null);
  const fastest = measured.reduce<Candidate | null>(
    (best, one) => (best === null || (one.latency_ms ?? 0) < (best.latency_ms ?? 0) ? one : best),
    null,
  );
  if (fastest !== null && !fastest.chosen && fastest.reason) {
    return `${candidateName(fastest, candidates)} was fastest but was not chosen: ${fastest.reason}.`;
  }
  const reason = candidates.find((one) => one.chosen)?.reason;
  return reason ? sentence(reason) : null;
}

/** "Converted from pickle files in a sealed process: 201 tensors, each compared." */
export function conversionNote({ conversion }: Receipt): string | null {
  if (!conversion) return null;
  const { tensors, seal } = conversion;
  const where = seal.length > 0 ? ' in a sealed process' : '';
  return `Converted from pickle files${where}: ${plural(tensors, 'tensor')}, each compared.`;
}

/** "LoRA adapter merged into acme/base at commit abc1234." */
export function mergeNote({ merge }: Receipt): string | null {
  if (!merge) return null;
  const { kind, base, commit, trained_on: trainedOn } = merge;
  const note = `${kind} adapter merged into ${base} at commit ${commit.slice(0, 7)}`;
  return trainedOn === null ? `${note}.` : `${note}; it was trained on ${trainedOn}.`;
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`;
