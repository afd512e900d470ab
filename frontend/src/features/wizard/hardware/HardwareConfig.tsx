import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { Hardware } from '@/api/types';
import { RowsSkeleton } from '@/components/ui/Skeletons';
import { formatMemory } from '@/lib/format';
import { useWizard } from '../context';
import { Screen } from '../frame/Screen';
import { estimateFor } from './estimate';
import classes from './HardwareConfig.module.css';
import { MachineCard } from './MachineCard';
import { MemoryAside } from './MemoryAside';
import { OptionCards } from './OptionCards';
import { deviceCards, dtypeCards, engineCards, quantizationCards } from './options';

export function HardwareConfig() {
  const { state, dispatch, system, detail } = useWizard();
  const [preview, setPreview] = useState<Partial<Hardware>>({});
  const { hardware } = state;
  const set = (changes: Partial<Hardware>) => dispatch({ type: 'setHardware', changes });
  const looked = { ...hardware, ...preview };
  const lead =
    'The defaults suit most models. The prepare step chooses the automatic values and records them in a receipt.';
  if (!system) {
    return (
      <Screen title="How should it run?" lead={lead}>
        <RowsSkeleton rows={4} height={88} />
      </Screen>
    );
  }
  const memoryOf = (changes: Partial<Hardware>): string | null => {
    const estimate = estimateFor({ ...hardware, ...changes }, detail);
    return estimate ? formatMemory(estimate.total) : null;
  };
  const { machine, limits } = system;
  const most = Number(limits.max_memory_per_model_gb) || null;
  return (
    <Screen
      title="How should it run?"
      lead={lead}
      aside={
        <>
          <MemoryAside hardware={looked} />
          <MachineCard system={system} />
        </>
      }
    >
      <OptionCards
        title="Device"
        hint="where the model runs"
        value={hardware.device}
        options={deviceCards(system)}
        onChange={(device) => set({ device })}
      />
      <OptionCards
        title="Number format"
        hint="fewer bits need less memory"
        value={hardware.dtype}
        options={dtypeCards(system, memoryOf, detail?.gguf)}
        onChange={(dtype) => set({ dtype })}
        onPreview={(dtype) => setPreview(dtype ? { dtype } : {})}
      />
      <OptionCards
        title="Quantization"
        hint={detail?.gguf ? 'the file that is downloaded' : 'stores weights in fewer bits'}
        value={hardware.quantization}
        options={quantizationCards(system, memoryOf, detail?.gguf)}
        onChange={(quantization) => set({ quantization })}
        onPreview={(quantization) => setPreview(quantization ? { quantization } : {})}
      />
      <OptionCards
        title="Engine"
        hint="inference library"
        value={hardware.engine}
        options={engineCards(system, detail?.engines)}
        onChange={(engine) => set({ engine })}
      />
      <div className={classes.numbers}>
        <NumberInput
          label="Workers"
          description={`Each worker loads its own ${memoryOf({ workers: 1 }) ?? 'copy'}`}
          min={1}
          max={8}
          allowDecimal={false}
          clampBehavior="strict"
          value={hardware.workers}
          onChange={(value) => set({ workers: Number(value) || 1 })}
        />
        <NumberInput
          label="Threads"
          description={`Of ${machine.cores} cores`}
          placeholder="Automatic"
          min={1}
          max={256}
          allowDecimal={false}
          clampBehavior="strict"
          value={hardware.threads ?? ''}
          onChange={(value) => set({ threads: numberOrNull(value) })}
        />
        <NumberInput
          label="Memory limit"
          description={
            most
              ? `The server is stopped above this; at most ${most} GB`
              : 'The server is stopped above this'
          }
          placeholder="Automatic"
          suffix=" GB"
          min={0.1}
          max={most ?? 4096}
          step={0.5}
          decimalScale={1}
          clampBehavior="blur"
          value={hardware.memory_limit_gb ?? ''}
          onChange={(value) => set({ memory_limit_gb: numberOrNull(value) })}
        />
      </div>
    </Screen>
  );
}

export function numberOrNull(value: string | number): number | null {
  return value === '' || Number.isNaN(Number(value)) || Number(value) <= 0 ? null : Number(value);
}
