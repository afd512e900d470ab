import type { ReactNode, SyntheticEvent } from 'react';
import { useState } from 'react';
import { cx } from '@/components/ui/cx';
import { formatBytes } from '@/lib/format';
import classes from './ImageStage.module.css';
import type { Media } from './requests';
import { useFileInput } from './useFileInput';
import { useObjectUrl } from './useObjectUrl';

export interface Size {
  width: number;
  height: number;
}

interface Props {
  media: Media | null;
  onFile: (file: File) => void;
  /** Drawn over the picture once its size in pixels is known: boxes and masks. */
  overlay?: ((size: Size) => ReactNode) | undefined;
  children: (facts: string) => ReactNode;
}

/** A picture whose longer side has fewer pixels is shown larger. */
export const SMALL = 200;

/** A picture on a ground, with room for what a task draws over it; also the place to drop another. */
export function ImageStage({ media, onFile, overlay, children }: Props) {
  const url = useObjectUrl(media?.blob ?? null);
  const [size, setSize] = useState<(Size & { url: string }) | null>(null);
  const { isOver, place } = useFileInput('image', onFile);
  const measure = ({
    currentTarget: { naturalWidth, naturalHeight },
  }: SyntheticEvent<HTMLImageElement>) =>
    setSize({ url: url ?? '', width: naturalWidth, height: naturalHeight });
  const pixels = size && size.url === url ? `${size.width} × ${size.height}, ` : '';
  const facts = media ? `${media.name}, ${pixels}${formatBytes(media.blob.size)}` : '';
  const isSmall = size !== null && size.url === url && Math.max(size.width, size.height) < SMALL;
  return (
    <>
      <section
        aria-label="Image. Drop or paste one here."
        className={cx(classes.stage, isOver && classes.over)}
        {...place}
      >
        {url && media ? (
          <div className={classes.frame}>
            <img
              src={url}
              alt={media.name}
              className={cx(classes.picture, isSmall && classes.small)}
              onLoad={measure}
              onError={() => setSize(null)}
            />
            {overlay && size?.url === url ? (
              <div className={classes.overlay}>{overlay(size)}</div>
            ) : null}
          </div>
        ) : (
          <p className={classes.hint}>Drop or paste an image here.</p>
        )}
      </section>
      {children(facts)}
    </>
  );
}
