import type { Hardware, Option, System } from '@/api/types';
import { ASSUMED } from './estimate';
import type { OptionCard } from './OptionCards';

/** What the API offers, in words. An option it does not know a text for shows its title alone. */

const DTYPE_TEXT: Record<string, string> = {
  float32: 'Full precision',
  bfloat16: 'Half the memory, same answers in practice',
  float16: 'Half the memory',
};
const QUANTIZATION_TEXT: Record<string, string> = {
  none: 'Answers as the authors published',
  int8: 'Lighter; kept only if it agrees',
  int4: 'Lightest; checked against full precision',
};
const ENGINE_TEXT: Record<string, string> = {
  auto: 'Chosen in Prepare',
  torch: 'Every task and model',
};

type Words = (option: Option) => string;

const toCard = (option: Option, words: Words): OptionCard<string> => ({
  value: option.value,
  title: option.value === 'auto' ? 'Automatic' : option.title,
  text: option.usable ? words(option) : (option.reason ?? 'Not on this machine'),
  isUsable: option.usable,
});

export function deviceCards({ options, machine }: System): OptionCard<string>[] {
  const gpu = machine.accelerators[0];
  const cores = `${machine.cores} cores${machine.has_bfloat16 ? ', bfloat16 in hardware' : ''}`;
  return options.devices.map((option) =>
    toCard(option, ({ value }) => {
      if (value === 'auto') return gpu ? gpu.name : 'CPU, the one device here';
      if (value === 'cpu') return cores;
      return machine.accelerators.find((one) => one.device.startsWith(value))?.name ?? option.title;
    }),
  );
}

export function dtypeCards(
  { options }: System,
  memoryOf: (changes: Partial<Hardware>) => string | null,
): OptionCard<Hardware['dtype']>[] {
  return options.dtypes.map((option) => {
    const dtype = option.value as Hardware['dtype'];
    const words = () =>
      dtype === 'auto' ? `${ASSUMED} unless Prepare finds better` : (DTYPE_TEXT[dtype] ?? '');
    return {
      ...toCard(option, words),
      value: dtype,
      number: option.usable ? memoryOf({ dtype }) : null,
    };
  });
}

export const quantizationCards = ({ options }: System): OptionCard<string>[] =>
  options.quantizations.map((option) =>
    toCard(option, ({ value }) => QUANTIZATION_TEXT[value] ?? ''),
  );

export function engineCards({ options, versions }: System): OptionCard<string>[] {
  return options.engines.map((option) => {
    const version = versions[option.value];
    const card = toCard(option, ({ value }) => ENGINE_TEXT[value] ?? '');
    return version && option.usable
      ? { ...card, title: `${card.title} ${majorMinor(version)}` }
      : card;
  });
}

const majorMinor = (version: string): string =>
  version.split('+')[0]?.split('.').slice(0, 2).join('.') ?? '';
