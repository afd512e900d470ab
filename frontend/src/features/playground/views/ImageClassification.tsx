import { ImageInput } from '../fields/ImageInput';
import { ParametersForm } from '../ParametersForm';
import { LabelResult } from '../results/LabelResult';
import { useMediaForm } from '../useMediaForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

/** What a picture shows. */
export default function ImageClassification(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, form } = useMediaForm(props, 'sample.png');
  const answer = <LabelResult run={run} onRetry={() => go()} />;
  return (
    <Workspace {...form} answer={answer} aside={<ParametersForm parameters={parameters} />}>
      <ImageInput media={media} sample={sample} onMedia={go} run={runButton} />
    </Workspace>
  );
}
