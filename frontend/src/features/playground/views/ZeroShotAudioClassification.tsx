import { useMemo } from 'react';
import { Bench } from '../Bench';
import { partsOf, textsIn } from '../example';
import { withoutLabels } from '../fields/candidates';
import { LabelsField } from '../fields/LabelsField';
import { SoundInput } from '../fields/SoundInput';
import { mediaOfBase64 } from '../media';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { LabelResult } from '../results/LabelResult';
import { useFieldsBench } from '../useFieldsBench';
import type { ViewProps } from '../viewProps';

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
      aside={<ParametersForm parameters={parameters} fields={withoutLabels(parameters)} />}
    >
      <LabelsField value={fields.labels} onChange={(labels) => set({ labels })} />
      <SoundInput
        media={fields.media}
        sample={sample}
        info={props.info}
        onMedia={(media) => go({ media })}
        run={runButton}
      />
      <LabelResult run={run} onRetry={() => go()} />
    </Bench>
  );
}
