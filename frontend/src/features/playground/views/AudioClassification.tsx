import { Bench } from '../Bench';
import { SoundInput } from '../fields/SoundInput';
import { ParametersForm } from '../ParametersForm';
import { LabelResult } from '../results/LabelResult';
import { useMediaBench } from '../useMediaBench';
import type { ViewProps } from '../viewProps';

/** What a sound is. */
export default function AudioClassification(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, bench } = useMediaBench(
    props,
    'sample.wav',
  );
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <SoundInput media={media} sample={sample} info={props.info} onMedia={go} run={runButton} />
      <LabelResult run={run} onRetry={() => go()} />
    </Bench>
  );
}
