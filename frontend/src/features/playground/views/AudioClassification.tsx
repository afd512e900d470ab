import { AudioField } from '../fields/AudioField';
import { ParametersForm } from '../ParametersForm';
import { LabelResult } from '../results/LabelResult';
import { useMediaForm } from '../useMediaForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

/** What a sound is. */
export default function AudioClassification(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, form } = useMediaForm(props, 'sample.wav');
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <AudioField media={media} sample={sample} info={props.info} onMedia={go} run={runButton} />
      <LabelResult run={run} onRetry={() => go()} />
    </Workspace>
  );
}
