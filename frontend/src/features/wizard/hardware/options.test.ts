import { describe, expect, it } from 'vitest';
import { system } from '@/test/fixtures';
import { engineCards, quantizationCards } from './options';

const usable = (engines?: string[]) =>
  engineCards(system(), engines)
    .filter((card) => card.isUsable)
    .map((card) => card.value);

describe('engineCards', () => {
  it('offers only the engines that can run the selected model', () => {
    expect(usable(['torch'])).toEqual(['auto', 'torch']);
    expect(usable(['onnxruntime'])).toEqual(['auto', 'onnxruntime']);
  });

  it('offers every engine before the model is known', () => {
    expect(usable()).toEqual(['auto', 'torch', 'onnxruntime']);
  });

  it('gives the reason beside an engine that cannot run the model', () => {
    const card = engineCards(system(), ['torch']).find(({ value }) => value === 'onnxruntime');
    expect(card?.text).toBe('Cannot run the files of this model');
  });
});

describe('quantizationCards', () => {
  const memoryOf = ({ quantization }: { quantization?: string }) => `${quantization} GB`;

  it('offers the files of a GGUF model with size and memory', () => {
    const file = (quantization: string, bytes: number) => ({
      quantization,
      bytes,
      files: [`${quantization}.gguf`],
    });
    const variants = [file('Q4_K_M', 4.4e9), file('Q8_0', 7.7e9), file('unknown', 9e9)];
    const gguf = {
      variant: file('Q4_K_M', 4.4e9),
      variants,
      architecture: 'llama',
      context_tokens: 8192,
      cache_elements: 1,
      vocabulary: 1,
      embedding: 1,
    };
    const cards = quantizationCards(system(), memoryOf, gguf);
    expect(cards.map(({ title, text, number }) => [title, text, number])).toEqual([
      ['Automatic', 'The best that fits: Q4_K_M', 'none GB'],
      ['Q4_K_M', '4.40 GB to download', 'Q4_K_M GB'],
      ['Q8_0', '7.70 GB to download', 'Q8_0 GB'],
    ]);
  });

  it('offers what the API does for other models', () => {
    expect(quantizationCards(system(), memoryOf).map(({ value }) => value)).toEqual([
      'none',
      'int8',
    ]);
  });
});
