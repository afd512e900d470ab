import { useMemo, useState } from 'react';
import { rawOf } from './Bench';
import { mediaOfDataUrl, mediaOfFile } from './media';
import { curlOf, type Media, mediaRequest } from './requests';
import type { Timing } from './timing';
import { useParameters } from './useParameters';
import { useRun } from './useRun';
import { useTarget } from './useTarget';
import type { ViewProps } from './views';

const isTokenize = (name: string): string => (name === 'tokenize' ? 'decode' : name);

/** Reading a picture or a sound is decoding, whatever the header calls it. */
const asDecode = (timing: Timing | null): Timing | null =>
  timing && {
    ...timing,
    parts: timing.parts.map(({ name, ms }) => ({ name: isTokenize(name), ms })),
  };

/** All that a view of one file has in common. It begins with the task's own example. */
export function useMediaBench({ deployment, task }: ViewProps, sampleName: string) {
  const sample = useMemo(
    () => mediaOfDataUrl(task.example, sampleName),
    [task.example, sampleName],
  );
  const [media, setMedia] = useState<Media | null>(sample);
  const parameters = useParameters(task);
  const run = useRun<Media>(deployment.id);
  const target = useTarget(deployment);
  const go = (next: Media | null = media) => {
    setMedia(next);
    if (next) void run.start(mediaRequest(next, parameters.values), next);
  };
  const preview = media && mediaRequest(media, parameters.values);
  return {
    media,
    sample,
    parameters,
    run,
    go,
    /** A file from anywhere is shown and asked about at once. */
    take: (file: File) => go(mediaOfFile(file)),
    bench: {
      timing: asDecode(run.exchange?.timing ?? null),
      isRunning: false,
      response: rawOf(run.exchange),
      request: preview?.shown ?? 'Choose a file first.',
      curl: preview ? curlOf(preview, target, media?.base64 ?? null) : 'Choose a file first.',
    },
  };
}
