import { Button, Card } from '@mantine/core';
import type { ReactNode } from 'react';
import { FileButton } from '../FileButton';
import { ImageStage, type Size } from '../ImageStage';
import footClasses from '../MediaFoot.module.css';
import { mediaOfFile } from '../media';
import { RunButton, type RunProps } from '../RunButton';
import type { Media } from '../requests';
import classes from './ImageInput.module.css';

interface Props {
  media: Media | null;
  sample: Media | null;
  /** A picture from anywhere: file, drop, paste or sample. */
  onMedia: (media: Media) => void;
  /** Drawn over the picture. */
  overlay?: ((size: Size) => ReactNode) | undefined;
  /** Other fields of the question. */
  children?: ReactNode;
  run: RunProps;
}

export const IMAGE_TYPES = 'image/png,image/jpeg,image/webp,image/gif,image/bmp,image/tiff';

/** A picture, what a task draws over it, and what else belongs to the question. */
export function ImageInput({ media, sample, onMedia, overlay, children, run }: Props) {
  const take = (file: File) => onMedia(mediaOfFile(file));
  return (
    <Card className={classes.card} padding={16}>
      <ImageStage media={media} onFile={take} overlay={overlay}>
        {(facts) => (
          <>
            {children}
            <div className={footClasses.foot}>
              <FileButton label="Choose an image" accept={IMAGE_TYPES} onFile={take} />
              {sample && media !== sample ? (
                <Button variant="default" onClick={() => onMedia(sample)}>
                  Sample
                </Button>
              ) : null}
              <span className={footClasses.facts}>or drop, or paste. {facts}</span>
              <RunButton {...run} />
            </div>
          </>
        )}
      </ImageStage>
    </Card>
  );
}
