import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import { TextResult } from '../results/TextResult';
import { usePictureBench } from '../usePictureBench';
import type { ViewProps } from '../viewProps';

/** What a picture shows, in a sentence. */
export default function ImageToText(props: ViewProps) {
  const { picture, parameters, run, go, bench } = usePictureBench(props);
  return (
    <Bench
      {...bench}
      answer={<TextResult title="What it says" run={run} onRetry={() => go()} />}
      aside={<ParametersForm parameters={parameters} />}
    >
      <PictureInput {...picture} />
    </Bench>
  );
}
