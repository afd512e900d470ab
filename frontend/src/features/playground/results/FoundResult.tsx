import { formatPercent } from '@/lib/format';
import { Marked } from '../Entities';
import { LabelBars } from '../LabelBars';
import { Winner } from '../ResultPanel';
import { type Found, readFound } from '../shapes';
import type { Outcome } from '../useRun';
import { Result } from './Result';

interface Props {
  run: Outcome;
  onRetry: () => void;
  /** The text that the answer was found in, where there is one. */
  context?: string;
}

type Answers = [Found, ...Found[]];

function read(json: unknown): Answers | null {
  const [best, ...others] = readFound(json) ?? [];
  return best ? [best, ...others] : null;
}

const sure = ({ score }: Found): string => `${formatPercent(score)} sure`;
const isPlaced = ({ answer, start }: Found): boolean => answer !== '' && start !== null;

/** The answer to a question; in a text, the place where it stands. */
export function FoundResult({ run, onRetry, context }: Props) {
  return (
    <Result
      run={run}
      onRetry={onRetry}
      value={read(run.exchange?.json)}
      spoken={([best]) => `${best.answer}, ${sure(best)}`}
    >
      {(found) => (
        <>
          <Winner sure={sure(found[0])}>{found[0].answer || 'No answer found in this text'}</Winner>
          {found.length > 1 ? (
            <LabelBars
              labels={found.map(({ answer, score }) => ({ label: answer || 'none', score }))}
            />
          ) : null}
          {context ? <Places context={context} found={found.filter(isPlaced)} /> : null}
        </>
      )}
    </Result>
  );
}

/** The text with its answers marked. */
function Places({ context, found }: { context: string; found: readonly Found[] }) {
  if (found.length === 0) return null;
  return (
    <Marked
      text={context}
      entities={found.map((one) => ({ ...one, label: 'answer', word: one.answer }))}
    />
  );
}
