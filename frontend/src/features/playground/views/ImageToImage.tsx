import { ImageInput } from '../fields/ImageInput';
import { ParametersForm } from '../ParametersForm';
import { ImageResult } from '../results/ImageResult';
import { readImage } from '../shapes';
import { useImageForm } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const TITLES: Readonly<Record<string, string>> = {
  'depth-estimation': 'Depth, near is bright',
  'image-to-image': 'Output image',
};

/** A picture in, a picture out: how deep it is, or how it looks larger. */
export default function ImageToImage(props: ViewProps) {
  const { picture, parameters, run, go, form } = useImageForm(props);
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <ImageInput {...picture} />
      <ImageResult
        title={TITLES[props.task.name] ?? 'Image'}
        url={readImage(run.exchange?.json, 'depth')}
        run={run}
        onRetry={() => go()}
      />
    </Workspace>
  );
}
