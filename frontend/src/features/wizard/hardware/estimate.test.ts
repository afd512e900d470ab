import { expect, test } from 'vitest';
import { estimateFor } from './estimate';
import { memoryVerdict } from './memory';

const known = { parameters: 1e9, estimated_memory_bytes: 5e9, gguf: null };
const usual = { dtype: 'float32', workers: 1, quantization: 'none' } as const;

test('half the precision halves the weights only', () => {
  expect(estimateFor(usual, known)).toEqual({ total: 5e9, weights: 4e9, rest: 1e9 });
  expect(estimateFor({ ...usual, dtype: 'bfloat16' }, known)).toEqual({
    total: 3e9,
    weights: 2e9,
    rest: 1e9,
  });
});

test('every worker has its own copy', () => {
  expect(estimateFor({ ...usual, dtype: 'bfloat16', workers: 3 }, known)?.total).toBe(9e9);
});

test('another GGUF file changes the weights only', () => {
  const file = (quantization: string, bytes: number) => ({ quantization, bytes, files: ['a'] });
  const gguf = {
    variant: file('Q4_K_M', 4e9),
    variants: [file('Q4_K_M', 4e9), file('Q8_0', 8e9)],
    architecture: 'llama',
    context_tokens: 8192,
    cache_elements: 1,
    vocabulary: 1,
    embedding: 1,
  };
  const model = { parameters: 7e9, estimated_memory_bytes: 5e9, gguf };
  expect(estimateFor(usual, model)?.total).toBe(5e9);
  expect(estimateFor({ ...usual, quantization: 'Q8_0' }, model)).toEqual({
    total: 9e9,
    weights: 8e9,
    rest: 1e9,
  });
});

test('no estimate without data', () => {
  expect(estimateFor(usual, { ...known, estimated_memory_bytes: null })).toBeNull();
  expect(estimateFor(usual, undefined)).toBeNull();
  expect(memoryVerdict(null, 1e9, 1e9).verdict).toBe('unknown');
});

test('the verdict states missing or free memory', () => {
  expect(memoryVerdict(3.8e9, 11e9, 8e9)).toEqual({
    verdict: 'fits',
    text: 'Fits, with 7.2 GB to spare',
  });
  expect(memoryVerdict(9.9e9, 11e9, 12e9).verdict).toBe('tight');
  expect(memoryVerdict(16.8e9, 11e9, 20e9).text).toBe('Does not fit, 5.8 GB short');
  expect(memoryVerdict(9e9, 11e9, 8e9).text).toBe('Above its limit of 8.0 GB');
});
