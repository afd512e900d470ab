import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import { LabelResult } from '../results/LabelResult';
import { useMediaBench } from '../useMediaBench';
import type { ViewProps } from '../viewProps';

/** What a picture shows. */
export default function ImageClassification(props: ViewProps) {
  const { media, sample, parameters, run, runButton, go, bench } = useMediaBench(
    props,
    'sample.png',
  );
  const answer = <LabelResult run={run} onRetry={() => go()} />;
  return (
    <Bench {...bench} answer={answer} aside={<ParametersForm parameters={parameters} />}>
      <PictureInput media={media} sample={sample} onMedia={go} run={runButton} />
    </Bench>
  );
}
