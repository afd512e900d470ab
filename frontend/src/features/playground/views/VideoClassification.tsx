import { VideoInput } from '../fields/VideoInput';
import { ParametersForm } from '../ParametersForm';
import { LabelResult } from '../results/LabelResult';
import { useMediaForm } from '../useMediaForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

/** What happens in a film. */
export default function VideoClassification(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, form } = useMediaForm(props, 'sample.gif');
  return (
    <Workspace
      {...form}
      answer={<LabelResult run={run} onRetry={() => go()} />}
      aside={<ParametersForm parameters={parameters} />}
    >
      <VideoInput media={media} sample={sample} onMedia={go} run={runButton} />
    </Workspace>
  );
}
