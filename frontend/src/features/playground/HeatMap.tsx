import { type CSSProperties, useState } from 'react';
import { cx } from '@/components/ui/cx';
import classes from './HeatMap.module.css';
import { Winner } from './ResultPanel';

interface Props<V> {
  sentences: readonly string[];
  /** What the model returned for each sentence. */
  vectors: readonly V[];
  similarity: (one: V, other: V) => number;
}

interface Pair {
  row: number;
  column: number;
  score: number;
}

export function pairsOf<V>(
  vectors: readonly V[],
  count: number,
  similarity: (one: V, other: V) => number,
): Pair[] {
  return vectors.slice(0, count).flatMap((a, row) =>
    vectors.slice(row + 1, count).map((b, offset) => ({
      row,
      column: row + 1 + offset,
      score: similarity(a, b),
    })),
  );
}

const two = (score: number): string => score.toFixed(2).replace('-0.00', '0.00');

/** The similarity of each pair; the colour runs from the least alike pair to 1. */
export function HeatMap<V>({ sentences, vectors, similarity }: Props<V>) {
  const [hovered, setHovered] = useState<Pair | null>(null);
  const pairs = pairsOf(vectors, sentences.length, similarity);
  const [closest] = [...pairs].sort((a, b) => b.score - a.score);
  const lowest = Math.min(...pairs.map(({ score }) => score), 0.99);
  const find = (row: number, column: number): number =>
    row === column
      ? 1
      : (pairs.find(
          (one) => one.row === Math.min(row, column) && one.column === Math.max(row, column),
        )?.score ?? 0);
  const heat = (score: number) =>
    ({ '--heat': Math.max(0, (score - lowest) / (1 - lowest)) }) as CSSProperties;
  const pair = hovered ?? closest;
  if (!pair) {
    return <p className={classes.hint}>Enter a second sentence to compare with the first.</p>;
  }
  return (
    <>
      <Winner
        sure={`${hovered ? 'between' : 'most similar:'} ${pair.row + 1} and ${pair.column + 1}`}
      >
        {two(pair.score)}
      </Winner>
      <section
        className={classes.scroll}
        aria-label="Similarity of each pair"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
      >
        <table className={classes.table} style={{ '--columns': sentences.length } as CSSProperties}>
          <thead>
            <tr>
              <th scope="col" className={classes.corner}>
                Sentence
              </th>
              {sentences.map((sentence, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the same sentence may be there twice
                <th key={column} scope="col" title={sentence}>
                  {column + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sentences.map((sentence, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same sentence may be there twice
              <tr key={row}>
                <th scope="row" title={sentence}>
                  <span>{row + 1}</span> {sentence}
                </th>
                {sentences.map((other, column) => {
                  const score = find(row, column);
                  return (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: the same sentence may be there twice
                      key={column}
                      className={cx(row === column && classes.same)}
                      style={heat(score)}
                      title={`${sentence} · ${other}`}
                      onMouseEnter={() =>
                        setHovered(row === column ? null : { row, column, score })
                      }
                      onMouseLeave={() => setHovered(null)}
                    >
                      {two(score)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
