import { describe, expect, it } from 'vitest';
import { system } from '@/test/fixtures';
import { engineCards } from './options';

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
