import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { TextResult } from '../results/TextResult';
import { useFieldsBench } from '../useFieldsBench';
import { useSamplePicture } from '../useSamplePicture';
import type { ViewProps } from '../views';

/** What a picture shows, in a sentence. */
export default function ImageToText(props: ViewProps) {
  const sample = useSamplePicture(props);
  const { fields, parameters, run, go, runButton, bench } = useFieldsBench<{
    media: Media | null;
  }>(props, { media: sample }, ({ media }) => media && { inputs: media });
  return (
    <Bench
      {...bench}
      answer={<TextResult title="What it says" run={run} onRetry={() => go()} />}
      aside={<ParametersForm parameters={parameters} />}
    >
      <PictureInput
        media={fields.media}
        sample={sample}
        onMedia={(media) => go({ media })}
        run={runButton}
      />
    </Bench>
  );
}
