import { useState } from 'react';
import { plural } from '@/lib/format';
import { ImageInput } from '../fields/ImageInput';
import { LabelBars } from '../LabelBars';
import { ParametersForm } from '../ParametersForm';
import { inkOf, Masks } from '../results/Masks';
import { Result } from '../results/Result';
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
    <Result
      title={masks ? plural(masks.length, 'segment') : 'Segments'}
      run={run}
      onRetry={() => go()}
      value={masks}
      note={() => 'hover to highlight one'}
      spoken={(parts) => `${plural(parts.length, 'part')} found`}
    >
      {(parts) => (
        <LabelBars labels={parts} inkOf={inkOf} chosen={chosen ?? -1} onPoint={setChosen} />
      )}
    </Result>
  );
  return (
    <Workspace {...form} answer={answer} aside={<ParametersForm parameters={parameters} />}>
      <ImageInput {...picture} overlay={() => <Masks masks={masks ?? []} chosen={chosen} />} />
    </Workspace>
  );
}
