import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { PictureResult } from '../results/PictureResult';
import { readPicture } from '../shapes';
import { useFieldsBench } from '../useFieldsBench';
import { useSamplePicture } from '../useSamplePicture';
import type { ViewProps } from '../views';

const TITLES: Readonly<Record<string, string>> = {
  'depth-estimation': 'Depth, near is bright',
  'image-to-image': 'New picture',
};

/** A picture in, a picture out: how deep it is, or how it looks larger. */
export default function PictureToPicture(props: ViewProps) {
  const sample = useSamplePicture(props);
  const { fields, parameters, run, go, runButton, bench } = useFieldsBench<{
    media: Media | null;
  }>(props, { media: sample }, ({ media }) => media && { inputs: media });
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <PictureInput
        media={fields.media}
        sample={sample}
        onMedia={(media) => go({ media })}
        run={runButton}
      />
      <PictureResult
        title={TITLES[props.task.name] ?? 'Picture'}
        url={readPicture(run.exchange?.json, 'depth')}
        run={run}
        onRetry={() => go()}
      />
    </Bench>
  );
}
