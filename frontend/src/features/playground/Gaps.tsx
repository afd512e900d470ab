import { Fragment, useState } from 'react';
import classes from './Gaps.module.css';
import { LabelBars } from './LabelBars';
import type { Filled } from './responses';

interface Props {
  text: string;
  mask: RegExp;
  /** Words for each gap, best first. */
  gaps: readonly (readonly Filled[])[];
}

/** The text with its gaps filled; each word of the lists can be tried in its place. */
export function Gaps({ text, mask, gaps }: Props) {
  const [chosen, setChosen] = useState<readonly number[]>(() => gaps.map(() => 0));
  const pieces = text.split(mask);
  return (
    <>
      <p className={classes.text}>
        {pieces.map((piece, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never move
          <Fragment key={index}>
            {piece}
            {index < pieces.length - 1 ? (
              <mark className={classes.word}>{gaps[index]?.[chosen[index] ?? 0]?.word ?? '…'}</mark>
            ) : null}
          </Fragment>
        ))}
      </p>
      {gaps.map((gap, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the gaps of one text never move
        <div key={index} className={classes.gap}>
          {gaps.length > 1 ? <h3>Gap {index + 1}</h3> : null}
          <LabelBars
            labels={gap.map(({ word, score }) => ({ label: word, score }))}
            chosen={chosen[index] ?? 0}
            onChoose={(row) => setChosen((old) => old.map((at, i) => (i === index ? row : at)))}
          />
        </div>
      ))}
    </>
  );
}
