import { Bench } from '../Bench';
import { VideoInput } from '../fields/VideoInput';
import { ParametersForm } from '../ParametersForm';
import { LabelResult } from '../results/LabelResult';
import { useMediaBench } from '../useMediaBench';
import type { ViewProps } from '../viewProps';

/** What happens in a film. */
export default function VideoClassification(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, bench } = useMediaBench(
    props,
    'sample.gif',
  );
  return (
    <Bench
      {...bench}
      answer={<LabelResult run={run} onRetry={() => go()} />}
      aside={<ParametersForm parameters={parameters} />}
    >
      <VideoInput media={media} sample={sample} onMedia={go} run={runButton} />
    </Bench>
  );
}
