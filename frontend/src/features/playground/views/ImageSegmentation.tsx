import { useState } from 'react';
import { plural } from '@/lib/format';
import { Bench } from '../Bench';
import { PictureInput } from '../fields/PictureInput';
import { LabelBars, percent, plain } from '../LabelBars';
import { ParametersForm } from '../ParametersForm';
import { inkOf, Masks } from '../results/Masks';
import { Result } from '../results/Result';
import { readMasks } from '../shapes';
import { usePictureBench } from '../usePictureBench';
import type { ViewProps } from '../viewProps';

/** A picture cut into its parts. */
export default function ImageSegmentation(props: ViewProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const { picture, parameters, run, go, isAnswered, bench } = usePictureBench(props);
  const masks = isAnswered ? readMasks(run.exchange?.json) : null;
  // The guess at a mask's quality may be above 1.
  const format = props.task.name === 'mask-generation' ? plain : percent;
  const answer = (
    <Result
      title={masks ? plural(masks.length, 'part') : 'Parts'}
      run={run}
      onRetry={() => go()}
      value={masks}
      note={() => 'hover to find one'}
      spoken={(parts) => `${plural(parts.length, 'part')} found`}
    >
      {(parts) => (
        <LabelBars
          labels={parts}
          inkOf={inkOf}
          format={format}
          chosen={chosen ?? -1}
          onPoint={setChosen}
        />
      )}
    </Result>
  );
  return (
    <Bench {...bench} answer={answer} aside={<ParametersForm parameters={parameters} />}>
      <PictureInput {...picture} overlay={() => <Masks masks={masks ?? []} chosen={chosen} />} />
    </Bench>
  );
}
