import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import { PictureResult } from '../results/PictureResult';
import { readPicture } from '../shapes';
import { usePictureBench } from '../usePictureBench';
import type { ViewProps } from '../viewProps';

const TITLES: Readonly<Record<string, string>> = {
  'depth-estimation': 'Depth, near is bright',
  'image-to-image': 'New picture',
};

/** A picture in, a picture out: how deep it is, or how it looks larger. */
export default function PictureToPicture(props: ViewProps) {
  const { picture, parameters, run, go, bench } = usePictureBench(props);
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <PictureInput {...picture} />
      <PictureResult
        title={TITLES[props.task.name] ?? 'Picture'}
        url={readPicture(run.exchange?.json, 'depth')}
        run={run}
        onRetry={() => go()}
      />
    </Bench>
  );
}
