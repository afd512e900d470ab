import { useState } from 'react';
import { partsOf, textsIn } from '../example';
import { withoutLabels } from '../fields/candidates';
import { ImageInput } from '../fields/ImageInput';
import { LabelsField } from '../fields/LabelsField';
import { ShowAbove } from '../fields/ShowAbove';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { Boxes } from '../results/Boxes';
import { ObjectList } from '../results/ObjectList';
import { readBoxes } from '../shapes';
import { type Question, useFieldsForm } from '../useFieldsForm';
import { useSampleImage } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

interface Fields {
  media: Media | null;
  labels: string[];
}

/** A model without labels of its own is told what to look for. */
function ask({ media, labels }: Fields, wantsLabels: boolean): Question | null {
  if (media === null || (wantsLabels && labels.length === 0)) return null;
  return { inputs: media, ...(wantsLabels ? { parameters: { candidate_labels: labels } } : {}) };
}

/** Things in a picture with a box around each. */
export default function ObjectDetection(props: ViewProps) {
  const sample = useSampleImage(props);
  const wantsLabels = props.task.name === 'zero-shot-object-detection';
  const { inputs, parameters: given } = partsOf(props.task.example);
  const named = [inputs, given].flatMap((holder) => textsIn(holder, 'candidate_labels'));
  const [above, setAbove] = useState(0);
  const [chosen, setChosen] = useState<number | null>(null);
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm<Fields>(
    props,
    { media: sample, labels: named },
    (now) => ask(now, wantsLabels),
  );
  const all = run.about?.media === fields.media ? readBoxes(run.exchange?.json) : null;
  const shown = (all ?? []).filter(({ score }) => score >= above);
  const answer = (
    <ObjectList
      run={run}
      onRetry={() => go()}
      all={all}
      shown={shown}
      above={above}
      chosen={chosen}
      onPoint={setChosen}
    />
  );
  return (
    <Workspace
      {...form}
      answer={answer}
      aside={<ParametersForm parameters={parameters} fields={withoutLabels(parameters)} />}
    >
      <ImageInput
        media={fields.media}
        sample={sample}
        onMedia={(media) => go({ media })}
        overlay={(size) => <Boxes boxes={shown} size={size} chosen={chosen} onPoint={setChosen} />}
        run={runButton}
      >
        {wantsLabels ? (
          <LabelsField
            label="Labels to detect"
            value={fields.labels}
            onChange={(labels) => set({ labels })}
          />
        ) : null}
        {all?.length ? <ShowAbove value={above} onChange={setAbove} /> : null}
      </ImageInput>
    </Workspace>
  );
}
