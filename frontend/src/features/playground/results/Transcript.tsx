import { plural } from '@/lib/format';
import { type Chunk, readChunks } from '../shapes';
import type { Outcome } from '../useRun';
import { Result } from './Result';
import classes from './Transcript.module.css';

interface Props {
  run: Outcome;
  onRetry: () => void;
}

/** "0:04.2" */
function clock(seconds: number): string {
  const rest = (seconds % 60).toFixed(1).padStart(4, '0');
  return `${Math.floor(seconds / 60)}:${rest}`;
}

function spanOf({ from, to }: Chunk): string {
  if (from === null) return '';
  return to === null ? `${clock(from)} on` : `${clock(from)} to ${clock(to)}`;
}

const textOf = (chunks: readonly Chunk[]): string =>
  chunks
    .map(({ text }) => text)
    .join('')
    .trim();
const wordsIn = (text: string): number => text.split(/\s+/).filter(Boolean).length;

/** What was said; with times, line by line. */
export function Transcript({ run, onRetry }: Props) {
  return (
    <Result
      title="Transcript"
      run={run}
      onRetry={onRetry}
      value={readChunks(run.exchange?.json)}
      note={(chunks) => plural(wordsIn(textOf(chunks)), 'word')}
      spoken={textOf}
    >
      {(chunks) =>
        chunks.some(({ from }) => from !== null) ? (
          <Lines chunks={chunks} />
        ) : (
          <p className={classes.text}>{textOf(chunks) || 'The model recognized no words.'}</p>
        )
      }
    </Result>
  );
}

function Lines({ chunks }: { chunks: readonly Chunk[] }) {
  return (
    <ol className={classes.lines}>
      {chunks.map((chunk, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the chunks of one answer never move
        <li key={index}>
          <span className={classes.time}>{spanOf(chunk)}</span>
          <span>{chunk.text.trim()}</span>
        </li>
      ))}
    </ol>
  );
}
