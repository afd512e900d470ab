import { useEffect, useState } from 'react';
import type { Size } from '../ImageStage';
import stage from '../ImageStage.module.css';
import type { Media } from '../requests';
import type { Match } from '../shapes';
import { useObjectUrl } from '../useObjectUrl';
import classes from './Pair.module.css';

interface Props {
  first: Media | null;
  second: Media | null;
  matches: readonly Match[];
}

// Both are drawn this tall, with this much between them.
const TALL = 300;
const GAP = 12;

type Shown = Size & { url: string };

/** The picture's address with its size in pixels, once it is read. */
function useShown(media: Media | null): Shown | null {
  const url = useObjectUrl(media?.blob ?? null);
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    if (url === null) return;
    const image = new Image();
    image.onload = () => setShown({ url, width: image.naturalWidth, height: image.naturalHeight });
    image.src = url;
    return () => {
      image.onload = null;
    };
  }, [url]);
  return shown?.url === url ? shown : null;
}

/** Two pictures side by side, and a line from each place to the same one. */
export function Pair({ first, second, matches }: Props) {
  const [left, right] = [useShown(first), useShown(second)];
  if (!left || !right) {
    return (
      <div className={stage.stage}>
        <p className={stage.hint}>{first && second ? 'Loading' : 'Choose two images.'}</p>
      </div>
    );
  }
  const [zoom, other] = [TALL / left.height, TALL / right.height];
  const start = left.width * zoom + GAP;
  const width = start + right.width * other;
  return (
    <div className={stage.stage}>
      <svg
        viewBox={`0 0 ${width} ${TALL}`}
        className={classes.pair}
        role="img"
        aria-label={`${first?.name} beside ${second?.name}`}
      >
        <image href={left.url} width={left.width * zoom} height={TALL} />
        <image href={right.url} x={start} width={right.width * other} height={TALL} />
        {matches.map(({ from, to, score }, index) => (
          <line
            // biome-ignore lint/suspicious/noArrayIndexKey: the matches of one answer never move
            key={index}
            x1={from.x * zoom}
            y1={from.y * zoom}
            x2={start + to.x * other}
            y2={to.y * other}
            opacity={0.35 + 0.65 * score}
          />
        ))}
      </svg>
    </div>
  );
}
