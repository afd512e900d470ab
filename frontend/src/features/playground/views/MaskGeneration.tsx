import { useState } from 'react';
import { ImageInput } from '../fields/ImageInput';
import { PromptBar } from '../fields/PromptBar';
import { PromptLayer } from '../fields/PromptLayer';
import { hasPrompts, NO_PROMPTS, type Prompts, parametersOf } from '../fields/prompts';
import { plain } from '../LabelBars';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { Masks } from '../results/Masks';
import { SegmentList } from '../results/SegmentList';
import { readMasks } from '../shapes';
import { useFieldsForm } from '../useFieldsForm';
import { useSampleImage } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

interface Fields {
  media: Media | null;
  prompts: Prompts;
}

/** Every object in a picture, or the one that is clicked. */
export default function MaskGeneration(props: ViewProps) {
  const sample = useSampleImage(props);
  const [pointed, setPointed] = useState<number | null>(null);
  const [isInside, setIsInside] = useState(true);
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm<Fields>(
    props,
    { media: sample, prompts: NO_PROMPTS },
    ({ media, prompts }) => media && { inputs: media, parameters: parametersOf(prompts) },
  );
  const { media, prompts } = fields;
  const { about, exchange } = run;
  const masks = about?.media === media ? readMasks(exchange?.json) : null;
  // The masks of one object are alternatives, the best one first; without prompts all are shown.
  const chosen = pointed ?? (about && hasPrompts(about.prompts) ? 0 : null);
  const ask = (changes: Partial<Prompts>) => void go({ prompts: { ...prompts, ...changes } });
  const answer = (
    <SegmentList
      run={run}
      onRetry={() => go()}
      masks={masks}
      // The guess at a mask's quality may be above 1.
      format={plain}
      chosen={chosen}
      onPoint={setPointed}
    />
  );
  return (
    <Workspace {...form} answer={answer} aside={<ParametersForm parameters={parameters} />}>
      <ImageInput
        media={media}
        sample={sample}
        onMedia={(next) => void go({ media: next, prompts: NO_PROMPTS })}
        overlay={(size) => (
          <>
            <Masks masks={masks ?? []} chosen={chosen} />
            <PromptLayer
              size={size}
              prompts={prompts}
              onPoint={(place) => ask({ points: [...prompts.points, { ...place, isInside }] })}
              onBox={(box) => ask({ box })}
            />
          </>
        )}
        run={runButton}
      >
        <PromptBar
          prompts={prompts}
          isInside={isInside}
          onInside={setIsInside}
          onClear={() => set({ prompts: NO_PROMPTS })}
        />
      </ImageInput>
    </Workspace>
  );
}
