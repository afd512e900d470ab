import { InputCard } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { AudioResult } from '../results/AudioResult';
import { exampleText, lengthNote, useTextForm } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const LINE = { label: 'Longer', text: 'The ferry leaves at nine. It does not wait.' };

/** A text, spoken. */
export default function TextToSpeech(props: ViewProps) {
  const { task, info } = props;
  const { text, setText, parameters, run, go, form } = useTextForm(props, () => null);
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <InputCard
        title="Text"
        note={lengthNote(text, info?.model?.max_input_tokens)}
        value={text}
        onChange={setText}
        placeholder="Text to speak"
        samples={[{ label: 'Sample', text: exampleText(task.example) }, LINE]}
        onSample={(sample) => go(sample.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <AudioResult run={run} onRetry={() => go()} />
    </Workspace>
  );
}
