import { ImageInput } from '../fields/ImageInput';
import { ParametersForm } from '../ParametersForm';
import { TextResult } from '../results/TextResult';
import { useImageForm } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

/** What a picture shows, in a sentence. */
export default function ImageToText(props: ViewProps) {
  const { picture, parameters, run, go, form } = useImageForm(props);
  return (
    <Workspace
      {...form}
      answer={<TextResult title="Text of the image" run={run} onRetry={() => go()} />}
      aside={<ParametersForm parameters={parameters} />}
    >
      <ImageInput {...picture} />
    </Workspace>
  );
}
