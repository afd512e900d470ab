import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { cx } from '@/components/ui/cx';
import classes from './LabelBars.module.css';
import type { Label } from './responses';
import { labelText } from './responses';

interface Props {
  labels: readonly Label[];
  /** The one that stands out; the first where nothing else is said. */
  chosen?: number;
  onChoose?: (index: number) => void;
  /** Called with null when the pointer or the focus leaves. */
  onPoint?: (index: number | null) => void;
  /** Scores that are no probabilities are written as they are. */
  format?: (score: number) => string;
  /** The colour of each bar, where it stands for something. */
  inkOf?: (index: number) => string;
  /** Labels are sentences: each stands whole above its bar. */
  isLong?: boolean;
}

const SHOWN = 10;
/** One decimal always, so that a column of them aligns. */
export const percent = (score: number): string => `${(100 * score).toFixed(1)}%`;
/** A score that is no probability, as the number it is. */
export const plain = (score: number): string => score.toFixed(2).replace('-0.00', '0.00');
const width = (score: number): string => `${100 * Math.min(1, Math.max(0, score))}%`;

/** Labels and their scores as bars. Where they can be chosen, each row is a button. */
export function LabelBars(props: Props) {
  const { labels, chosen = 0, onChoose, onPoint, format = percent, inkOf, isLong = false } = props;
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? labels : labels.slice(0, SHOWN);
  return (
    <>
      <ul className={cx(classes.bars, isLong && classes.long)}>
        {shown.map(({ label, score }, index) => {
          const row = (
            <>
              <span className={classes.label} title={label}>
                {labelText(label)}
              </span>
              <span className={classes.track} aria-hidden>
                <span
                  className={classes.fill}
                  style={{ width: width(score), ...(inkOf ? { background: inkOf(index) } : {}) }}
                />
              </span>
              <span className={classes.score} title={String(score)}>
                {format(score)}
              </span>
            </>
          );
          const look = cx(classes.row, index === chosen && classes.chosen);
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: two labels of an answer may be the same word
              key={index}
              onMouseEnter={() => onPoint?.(index)}
              onMouseLeave={() => onPoint?.(null)}
            >
              {onChoose ? (
                <UnstyledButton
                  className={cx(look, classes.button)}
                  aria-pressed={index === chosen}
                  onClick={() => onChoose(index)}
                >
                  {row}
                </UnstyledButton>
              ) : (
                <div className={look}>{row}</div>
              )}
            </li>
          );
        })}
      </ul>
      {labels.length > SHOWN && !isWhole ? (
        <UnstyledButton className={classes.more} onClick={() => setIsWhole(true)}>
          Show all {labels.length}
        </UnstyledButton>
      ) : null}
    </>
  );
}
