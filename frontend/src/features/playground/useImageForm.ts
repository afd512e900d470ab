import { useMemo } from 'react';
import { partsOf } from './example';
import { mediaOfBase64 } from './media';
import type { Media } from './requests';
import { useFieldsForm } from './useFieldsForm';
import type { ViewProps } from './viewProps';

/** The picture of a task's example, which has it raw, as `inputs`, or as a part of them. */
export function useSampleImage({ task }: ViewProps): Media | null {
  return useMemo(() => {
    const { inputs, text } = partsOf(task.example);
    const packed = typeof task.example === 'string' ? task.example : (inputs.image ?? text);
    return mediaOfBase64(packed, 'image/png', 'sample.png');
  }, [task.example]);
}

/** All that a view has whose only field is a picture. */
export function useImageForm(props: ViewProps) {
  const sample = useSampleImage(props);
  const { fields, go, ...rest } = useFieldsForm<{ media: Media | null }>(
    props,
    { media: sample },
    ({ media }) => media && { inputs: media },
  );
  const { media } = fields;
  return {
    ...rest,
    go,
    /** Whether the answer on the page is about the picture on the page. */
    isAnswered: rest.run.about?.media === media,
    picture: {
      media,
      sample,
      onMedia: (next: Media) => void go({ media: next }),
      run: rest.runButton,
    },
  };
}
