import { useMemo, useState } from 'react';
import { mediaOfDataUrl } from './media';
import { curlOf, type Media, mediaRequest } from './requests';
import { asDecode } from './timing';
import { useParameters } from './useParameters';
import { useRun } from './useRun';
import { useTarget } from './useTarget';
import type { ViewProps } from './viewProps';
import { rawOf } from './Workspace';

/** All that a view of one file has in common. It begins with the task's own example. */
export function useMediaForm({ deployment, task }: ViewProps, sampleName: string) {
  const sample = useMemo(
    () => mediaOfDataUrl(task.example, sampleName),
    [task.example, sampleName],
  );
  const [media, setMedia] = useState<Media | null>(sample);
  const parameters = useParameters(task);
  const run = useRun<Media>(deployment.id);
  const target = useTarget(deployment, task);
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
    runButton: {
      isRunning: run.isRunning,
      isEmpty: media === null,
      onRun: () => go(),
      onStop: run.stop,
    },
    form: {
      timing: asDecode(run.exchange?.timing ?? null),
      isRunning: false,
      hasProblem: run.problem !== null,
      response: rawOf(run.exchange),
      request: preview?.shown ?? 'Choose a file first.',
      curl: preview ? curlOf(preview, target) : 'Choose a file first.',
    },
  };
}
