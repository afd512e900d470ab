import { Textarea } from '@mantine/core';
import { partsOf, textIn } from '../example';
import { ImageInput } from '../fields/ImageInput';
import { ParametersForm } from '../ParametersForm';
import type { Media } from '../requests';
import { FoundResult } from '../results/FoundResult';
import { TextResult } from '../results/TextResult';
import { useFieldsForm } from '../useFieldsForm';
import { useSampleImage } from '../useImageForm';
import type { ViewProps } from '../viewProps';
import { Workspace } from '../Workspace';

interface Fields {
  media: Media | null;
  question: string;
}

/** A picture and a question about it: answers with a score, or a text in the model's own words. */
export default function ImageQuestion(props: ViewProps) {
  const sample = useSampleImage(props);
  const { inputs } = partsOf(props.task.example);
  const writes = props.task.name === 'image-text-to-text';
  const field = writes ? 'text' : 'question';
  const { fields, set, parameters, run, go, runButton, form } = useFieldsForm<Fields>(
    props,
    { media: sample, question: textIn(inputs, field) },
    ({ media, question }) => {
      if (media === null || !question.trim()) return null;
      // What else the example has belongs to its picture: the words that stand in it, say.
      const more = media === sample ? inputs : {};
      return { inputs: { ...more, image: media, [field]: question } };
    },
  );
  const answer = writes ? (
    <TextResult title="Answer" run={run} onRetry={() => go()} />
  ) : (
    <FoundResult run={run} onRetry={() => go()} />
  );
  return (
    <Workspace {...form} answer={answer} aside={<ParametersForm parameters={parameters} />}>
      <ImageInput
        media={fields.media}
        sample={sample}
        onMedia={(media) => go({ media })}
        run={runButton}
      >
        <Textarea
          label="Question"
          autosize
          maxRows={6}
          value={fields.question}
          onChange={(event) => set({ question: event.currentTarget.value })}
        />
      </ImageInput>
    </Workspace>
  );
}
