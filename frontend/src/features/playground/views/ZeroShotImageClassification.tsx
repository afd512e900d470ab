import { partsOf, textsIn } from '../example';
import { withoutLabels } from '../fields/candidates';
import { ImageInput } from '../fields/ImageInput';
import { LabelsField } from '../fields/LabelsField';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { LabelResult } from '../results/LabelResult';
import { useFieldsForm } from '../useFieldsForm';
import { useSampleImage } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

interface Fields {
  media: Media | null;
  labels: string[];
}

/** A picture and labels that the person makes up. */
export default function ZeroShotImageClassification(props: ViewProps) {
  const sample = useSampleImage(props);
  const { parameters: given } = partsOf(props.task.example);
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm<Fields>(
    props,
    { media: sample, labels: textsIn(given, 'candidate_labels') },
    ({ media, labels }) =>
      media && labels.length > 0
        ? { inputs: media, parameters: { candidate_labels: labels } }
        : null,
  );
  return (
    <Workspace
      {...form}
      answer={<LabelResult run={run} onRetry={() => go()} />}
      aside={<ParametersForm parameters={parameters} fields={withoutLabels(parameters)} />}
    >
      <ImageInput
        media={fields.media}
        sample={sample}
        onMedia={(media) => go({ media })}
        run={runButton}
      >
        <LabelsField value={fields.labels} onChange={(labels) => set({ labels })} />
      </ImageInput>
    </Workspace>
  );
}
