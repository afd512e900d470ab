import type { CSSProperties } from 'react';
import { cx } from '@/components/ui/cx';
import type { Mask } from '../shapes';
import classes from './Masks.module.css';

interface Props {
  masks: readonly Mask[];
  chosen: number | null;
}

/** The colour of a part, in the picture and in the list beside. */
export const inkOf = (index: number): string => `var(--sw-chart-${1 + (index % 3)})`;

/** All parts lightly, or the chosen one alone. */
export function Masks({ masks, chosen }: Props) {
  return (
    <>
      {masks.map(({ url, label }, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: two parts of an answer may be the same
          key={index}
          aria-hidden
          title={label}
          className={cx(
            classes.mask,
            index === chosen && classes.chosen,
            chosen !== null && index !== chosen && classes.hidden,
          )}
          style={
            {
              '--mask': `url("${url}")`,
              '--ink': inkOf(index),
            } as CSSProperties
          }
        />
      ))}
    </>
  );
}
