import { useState } from 'react';
import { ImageInput } from '../fields/ImageInput';
import { percent } from '../LabelBars';
import { ParametersForm } from '../ParametersForm';
import { Masks } from '../results/Masks';
import { SegmentList } from '../results/SegmentList';
import { readMasks } from '../shapes';
import { useImageForm } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

/** A picture cut into its parts. */
export default function ImageSegmentation(props: ViewProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const { picture, parameters, run, go, isAnswered, form } = useImageForm(props);
  const masks = isAnswered ? readMasks(run.exchange?.json) : null;
  const answer = (
    <SegmentList
      run={run}
      onRetry={() => go()}
      masks={masks}
      format={percent}
      chosen={chosen}
      onPoint={setChosen}
    />
  );
  return (
    <Workspace {...form} answer={answer} aside={<ParametersForm parameters={parameters} />}>
      <ImageInput {...picture} overlay={() => <Masks masks={masks ?? []} chosen={chosen} />} />
    </Workspace>
  );
}
