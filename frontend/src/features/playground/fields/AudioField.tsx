import { AudioInput } from '../audio/AudioInput';
import { mediaOfFile } from '../media';
import { RunButton, type RunProps } from '../RunButton';
import type { Media } from '../requests';
import type { ViewProps } from '../viewProps';

// A recording of more than this is a file that one made elsewhere.
const MAX_SECONDS = 30;

interface Props {
  media: Media | null;
  sample: Media | null;
  info: ViewProps['info'];
  onMedia: (media: Media) => void;
  run: RunProps;
}

/** A sound with Run beside its tools. */
export function AudioField({ media, sample, info, onMedia, run }: Props) {
  return (
    <AudioInput
      media={media}
      sample={sample}
      maxSeconds={Math.min(MAX_SECONDS, info?.limits?.max_seconds ?? MAX_SECONDS)}
      onMedia={onMedia}
      onFile={(file) => onMedia(mediaOfFile(file))}
      run={<RunButton {...run} />}
    />
  );
}
