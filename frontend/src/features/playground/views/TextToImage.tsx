import { InputCard } from '../InputCard';
import { ParametersForm } from '../ParametersForm';
import { ImageResult } from '../results/ImageResult';
import { exampleText, useTextForm } from '../useTextForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

const SKETCH = { label: 'Sketch', text: 'A pencil sketch of a sailing boat in a harbor.' };

/** A description, drawn. */
export default function TextToImage(props: ViewProps) {
  const { text, setText, parameters, run, go, form } = useTextForm(props, () => null);
  return (
    <Workspace {...form} aside={<ParametersForm parameters={parameters} />}>
      <InputCard
        title="Description"
        note={`${text.length.toLocaleString('en')} characters`}
        value={text}
        onChange={setText}
        placeholder="What the image shows"
        samples={[{ label: 'Sample', text: exampleText(props.task.example) }, SKETCH]}
        onSample={(sample) => go(sample.text)}
        isRunning={run.isRunning}
        onRun={() => go()}
        onStop={run.stop}
      />
      <ImageResult title="Generated image" run={run} onRetry={() => go()} />
    </Workspace>
  );
}
