import { AudioField } from '../fields/AudioField';
import { ParametersForm } from '../ParametersForm';
import { Transcript } from '../results/Transcript';
import { useMediaForm } from '../useMediaForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

/** Speech as text, with times where they are asked for. */
export default function SpeechRecognition(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, form } = useMediaForm(props, 'sample.wav');
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <AudioField media={media} sample={sample} info={props.info} onMedia={go} run={runButton} />
      <Transcript run={run} onRetry={() => go()} />
    </Workspace>
  );
}
