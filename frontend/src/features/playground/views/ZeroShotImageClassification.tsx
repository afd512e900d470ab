import { Bench } from '../Bench';
import { partsOf, textsIn } from '../example';
import { withoutLabels } from '../fields/candidates';
import { LabelsField } from '../fields/LabelsField';
import { PictureInput } from '../fields/PictureInput';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { LabelResult } from '../results/LabelResult';
import { useFieldsBench } from '../useFieldsBench';
import { useSamplePicture } from '../usePictureBench';
import type { ViewProps } from '../viewProps';

interface Fields {
  media: Media | null;
  labels: string[];
}

/** A picture and labels that the person makes up. */
export default function ZeroShotImageClassification(props: ViewProps) {
  const sample = useSamplePicture(props);
  const { parameters: given } = partsOf(props.task.example);
  const { fields, set, parameters, run, go, runButton, bench } = useFieldsBench<Fields>(
    props,
    { media: sample, labels: textsIn(given, 'candidate_labels') },
    ({ media, labels }) =>
      media && labels.length > 0
        ? { inputs: media, parameters: { candidate_labels: labels } }
        : null,
  );
  return (
    <Bench
      {...bench}
      answer={<LabelResult run={run} onRetry={() => go()} />}
      aside={<ParametersForm parameters={parameters} fields={withoutLabels(parameters)} />}
    >
      <PictureInput
        media={fields.media}
        sample={sample}
        onMedia={(media) => go({ media })}
        run={runButton}
      >
        <LabelsField value={fields.labels} onChange={(labels) => set({ labels })} />
      </PictureInput>
    </Bench>
  );
}
