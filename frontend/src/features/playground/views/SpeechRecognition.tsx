import { Bench } from '../Bench';
import { SoundInput } from '../fields/SoundInput';
import { ParametersForm } from '../ParametersForm';
import { Transcript } from '../results/Transcript';
import { useMediaBench } from '../useMediaBench';
import type { ViewProps } from '../viewProps';

/** Speech as text, with times where they are asked for. */
export default function SpeechRecognition(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, bench } = useMediaBench(
    props,
    'sample.wav',
  );
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <SoundInput media={media} sample={sample} info={props.info} onMedia={go} run={runButton} />
      <Transcript run={run} onRetry={() => go()} />
    </Bench>
  );
}
