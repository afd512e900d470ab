import { Bench } from '../Bench';
import { InputCard } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { SoundResult } from '../results/SoundResult';
import { exampleText, lengthNote, useTextBench } from '../useTextBench';
import type { ViewProps } from '../viewProps';

const LINE = { label: 'A longer one', text: 'The ferry leaves at nine. It does not wait.' };

/** A text, spoken. */
export default function TextToSpeech(props: ViewProps) {
  const { task, info } = props;
  const { text, setText, parameters, run, go, bench } = useTextBench(props, () => null);
  return (
    <Bench {...bench} aside={<ParametersForm parameters={parameters} />}>
      <InputCard
        title="Text"
        note={lengthNote(text, info?.model?.max_input_tokens)}
        value={text}
        onChange={setText}
        placeholder="What should it say?"
        samples={[{ label: 'Sample', text: exampleText(task.example) }, LINE]}
        onSample={(sample) => go(sample.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <SoundResult run={run} onRetry={() => go()} />
    </Bench>
  );
}
