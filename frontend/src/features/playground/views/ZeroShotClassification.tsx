import { Textarea } from '@mantine/core';
import { partsOf, textsIn } from '../example';
import { AskCard } from '../fields/AskCard';
import { withoutLabels } from '../fields/candidates';
import { LabelsField } from '../fields/LabelsField';
import { ParametersForm } from '../ParametersForm';
import { LabelResult } from '../results/LabelResult';
import { useFieldsForm } from '../useFieldsForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const TICKET = {
  text: 'I was charged twice for the same order and nobody answers my emails.',
  labels: ['billing', 'delivery', 'praise', 'technical problem'],
};

/** A text and labels that the person makes up. */
export default function ZeroShotClassification(props: ViewProps) {
  const { text, parameters: given } = partsOf(props.task.example);
  const example = { text, labels: textsIn(given, 'candidate_labels') };
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm(
    props,
    example,
    ({ text: inputs, labels }) =>
      inputs.trim() && labels.length > 0
        ? { inputs, parameters: { candidate_labels: labels } }
        : null,
  );
  return (
    <Workspace
      {...form}
      aside={<ParametersForm parameters={parameters} fields={withoutLabels(parameters)} />}
    >
      <AskCard
        title="Text and labels"
        samples={[
          { label: 'Sample', onPick: () => go(example) },
          { label: 'A complaint', onPick: () => go(TICKET) },
        ]}
        run={runButton}
      >
        <Textarea
          label="Text"
          autosize
          minRows={2}
          maxRows={12}
          value={fields.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
        />
        <LabelsField value={fields.labels} onChange={(labels) => set({ labels })} />
      </AskCard>
      <LabelResult run={run} onRetry={() => go()} />
    </Workspace>
  );
}
