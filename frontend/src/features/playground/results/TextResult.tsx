import { CopyButton } from '@/components/ui/CopyButton';
import { plural } from '@/lib/format';
import { readText } from '../responses';
import type { Outcome } from '../useRun';
import { Result } from './Result';
import classes from './TextResult.module.css';

interface Props {
  title: string;
  run: Outcome;
  onRetry: () => void;
}

/** A text that the model wrote, to read and to copy. */
export function TextResult({ title, run, onRetry }: Props) {
  return (
    <Result
      title={title}
      run={run}
      onRetry={onRetry}
      value={readText(run.exchange?.json)}
      note={(text) => plural(text.length, 'character')}
      spoken={(text) => text}
    >
      {(text) => (
        <div className={classes.box}>
          <p className={classes.text}>{text === '' ? 'The model returned an empty text.' : text}</p>
          <CopyButton value={text} what="text" />
        </div>
      )}
    </Result>
  );
}
