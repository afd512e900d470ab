import type { Hardware, ModelDetail, Option, System } from '@/api/types';
import { formatBytes } from '@/lib/format';
import { ASSUMED } from './estimate';
import type { OptionCard } from './OptionCards';

/** What the API offers, in words. An option it does not know a text for shows its title alone. */

const DTYPE_TEXT: Record<string, string> = {
  float32: 'Full precision',
  bfloat16: 'Half the memory, nearly identical output',
  float16: 'Half the memory',
};
const QUANTIZATION_TEXT: Record<string, string> = {
  none: 'Weights as published',
  int8: 'Less memory; used only if the output matches',
  int4: 'Least memory; checked against full precision',
};
const ENGINE_TEXT: Record<string, string> = {
  auto: 'Chosen in the prepare step',
  torch: 'All tasks',
  openvino: 'A graph exported from the weights, on the CPU',
  onnxruntime: 'ONNX files of the model, on the CPU',
  diffusers: 'Pipelines that generate images',
  'llama.cpp': 'GGUF files, on the CPU',
  handler: "The repository's own code, with your consent",
};

type Gguf = ModelDetail['gguf'] | undefined;
type Words = (option: Option) => string;

/** "bfloat16, half the memory" is a name and what it means. */
function split(title: string): { name: string; rest: string } {
  const at = title.indexOf(', ');
  if (at < 0) return { name: title, rest: '' };
  const rest = title.slice(at + 2);
  return { name: title.slice(0, at), rest: rest.charAt(0).toUpperCase() + rest.slice(1) };
}

/** A reason beside an option that can be used is a warning, and says more than its description. */
const toCard = <T extends string>(option: Option, words: Words): OptionCard<T> => {
  const { name, rest } = split(option.title);
  const fallback = option.usable ? words(option) || rest : 'Not on this machine';
  return {
    // The API offers only values that its own request takes.
    value: option.value as T,
    title: option.value === 'auto' ? 'Automatic' : name,
    text: option.reason ?? fallback,
    isUsable: option.usable,
  };
};

export function deviceCards({ options, machine }: System): OptionCard<string>[] {
  const gpu = machine.accelerators[0];
  const cores = `${machine.cores} cores${machine.has_bfloat16 ? ', bfloat16 in hardware' : ''}`;
  return options.devices.map((option) =>
    toCard(option, ({ value }) => {
      if (value === 'auto') return gpu ? gpu.name : 'CPU, the only device';
      if (value === 'cpu') return cores;
      return machine.accelerators.find((one) => one.device.startsWith(value))?.name ?? '';
    }),
  );
}

export function dtypeCards(
  { options }: System,
  memoryOf: (changes: Partial<Hardware>) => string | null,
  gguf?: Gguf,
): OptionCard<Hardware['dtype']>[] {
  if (gguf)
    return [{ value: 'auto', title: 'Automatic', text: 'That of the GGUF file', isUsable: true }];
  return options.dtypes.map((option) => {
    const dtype = option.value as Hardware['dtype'];
    const words = () =>
      dtype === 'auto'
        ? `Chosen in the prepare step, at most ${ASSUMED}`
        : (DTYPE_TEXT[dtype] ?? '');
    return {
      ...toCard(option, words),
      value: dtype,
      number: option.usable ? memoryOf({ dtype }) : null,
    };
  });
}

/** The files of a GGUF model, each with its size and memory; else what the API offers. */
export function quantizationCards(
  { options }: System,
  memoryOf: (changes: Partial<Hardware>) => string | null,
  gguf?: Gguf,
): OptionCard<Hardware['quantization']>[] {
  if (!gguf)
    return options.quantizations.map((option) =>
      toCard(option, ({ value }) => QUANTIZATION_TEXT[value] ?? ''),
    );
  const names = [...new Set(gguf.variants.map((one) => one.quantization))];
  return [
    {
      value: 'none',
      title: 'Automatic',
      text: `The best that fits: ${gguf.variant.quantization}`,
      isUsable: true,
      number: memoryOf({ quantization: 'none' }),
    },
    ...names.filter(isRequestable).map((name) => ({
      value: name,
      title: name,
      text: `${formatBytes(gguf.variants.find((one) => one.quantization === name)?.bytes ?? 0)} to download`,
      isUsable: true,
      number: memoryOf({ quantization: name }),
    })),
  ];
}

/** A file whose name does not tell its quantization can only be chosen automatically. */
const isRequestable = (name: string): boolean => name !== 'unknown';

/** `engines` are those that can run the selected model; undefined before it is known. */
export function engineCards(
  { options, versions }: System,
  engines: readonly string[] | undefined,
): OptionCard<Hardware['engine']>[] {
  return options.engines.map((known) => {
    const isOther =
      known.usable && known.value !== 'auto' && engines?.includes(known.value) === false;
    const option = isOther
      ? { ...known, usable: false, reason: 'Cannot run the files of this model' }
      : known;
    const version = versions[option.value];
    const card = toCard<Hardware['engine']>(option, ({ value }) => ENGINE_TEXT[value] ?? '');
    return version && option.usable
      ? { ...card, title: `${card.title} ${majorMinor(version)}` }
      : card;
  });
}

const majorMinor = (version: string): string =>
  version.split('+')[0]?.split('.').slice(0, 2).join('.') ?? '';
