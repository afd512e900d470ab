import { useMemo } from 'react';
import { partsOf, textsIn } from '../example';
import { AudioField } from '../fields/AudioField';
import { withoutLabels } from '../fields/candidates';
import { LabelsField } from '../fields/LabelsField';
import { mediaOfBase64 } from '../media';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { LabelResult } from '../results/LabelResult';
import { useFieldsForm } from '../useFieldsForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

interface Fields {
  media: Media | null;
  labels: string[];
}

/** A sound and labels that the person makes up. */
export default function ZeroShotAudioClassification(props: ViewProps) {
  const { example } = props.task;
  const sample = useMemo(() => {
    const { inputs, text } = partsOf(example);
    return mediaOfBase64(inputs.audio ?? text, 'audio/wav', 'sample.wav');
  }, [example]);
  const { parameters: given } = partsOf(example);
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
      aside={<ParametersForm parameters={parameters} fields={withoutLabels(parameters)} />}
    >
      <LabelsField value={fields.labels} onChange={(labels) => set({ labels })} />
      <AudioField
        media={fields.media}
        sample={sample}
        info={props.info}
        onMedia={(media) => go({ media })}
        run={runButton}
      />
      <LabelResult run={run} onRetry={() => go()} />
    </Workspace>
  );
}
