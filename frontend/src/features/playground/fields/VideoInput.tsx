import { Button, Card } from '@mantine/core';
import { useState } from 'react';
import { cx } from '@/components/ui/cx';
import { formatBytes } from '@/lib/format';
import { FileButton } from '../FileButton';
import { SMALL } from '../ImageStage';
import stage from '../ImageStage.module.css';
import footClasses from '../MediaFoot.module.css';
import { mediaOfFile } from '../media';
import { RunButton, type RunProps } from '../RunButton';
import type { Media } from '../requests';
import { useFileInput } from '../useFileInput';
import { useObjectUrl } from '../useObjectUrl';
import classes from './ImageInput.module.css';

interface Props {
  media: Media | null;
  sample: Media | null;
  onMedia: (media: Media) => void;
  run: RunProps;
}

const KINDS = 'video/*,image/gif,.mp4,.webm,.mov,.mkv,.avi,.gif';

/** A film by file or drop; a GIF is a film too, and shown as the picture it is. */
export function VideoInput({ media, sample, onMedia, run }: Props) {
  const url = useObjectUrl(media?.blob ?? null);
  const [smallUrl, setSmallUrl] = useState<string | null>(null);
  const measure = (width: number, height: number) =>
    setSmallUrl(Math.max(width, height) < SMALL ? url : null);
  const look = cx(stage.picture, smallUrl === url && stage.small);
  const take = (file: File) => onMedia(mediaOfFile(file));
  const { place } = useFileInput('video', take);
  const isImage = media?.blob.type.startsWith('image/') ?? false;
  const label = media?.name ?? '';
  return (
    <Card className={classes.card} padding={16}>
      <section aria-label="Video. Drop a file here." className={stage.stage} {...place}>
        {url === null ? (
          <p className={stage.hint}>Drop a video here.</p>
        ) : isImage ? (
          <img
            src={url}
            alt={label}
            className={look}
            onLoad={({ currentTarget: shown }) => measure(shown.naturalWidth, shown.naturalHeight)}
          />
        ) : (
          // biome-ignore lint/a11y/useMediaCaption: a file of the person's own has no captions to offer
          <video
            src={url}
            controls
            aria-label={label}
            className={look}
            onLoadedMetadata={({ currentTarget: shown }) =>
              measure(shown.videoWidth, shown.videoHeight)
            }
          />
        )}
      </section>
      <div className={footClasses.foot}>
        <FileButton label="Choose a video" accept={KINDS} onFile={take} />
        {sample && media !== sample ? (
          <Button variant="default" onClick={() => onMedia(sample)}>
            Sample
          </Button>
        ) : null}
        <span className={footClasses.facts}>
          or drop. {media ? `${media.name}, ${formatBytes(media.blob.size)}` : ''}
        </span>
        <RunButton {...run} />
      </div>
    </Card>
  );
}
