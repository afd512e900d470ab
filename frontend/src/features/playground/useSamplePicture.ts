import { useMemo } from 'react';
import { partsOf } from './example';
import { mediaOfBase64 } from './media';
import type { Media } from './requests';
import type { ViewProps } from './views';

/** The picture of a task's example, which has it raw, as `inputs`, or as a part of them. */
export function useSamplePicture({ task }: ViewProps): Media | null {
  return useMemo(() => {
    const { inputs, text } = partsOf(task.example);
    const packed = typeof task.example === 'string' ? task.example : (inputs.image ?? text);
    return mediaOfBase64(packed, 'image/png', 'sample.png');
  }, [task.example]);
}
