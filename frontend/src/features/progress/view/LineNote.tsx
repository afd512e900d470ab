import type { Line } from '../live/progressStore';
import classes from './LineNote.module.css';

const WORDS: Partial<Record<Line, string>> = {
  waiting: 'Slipway does not answer. This page reconnects by itself; the launch may go on.',
  refused: 'This page can no longer createProgressStore the launch. Reload it to try again.',
};

/** Silent while the line is up. */
export function LineNote({ line }: { line: Line }) {
  const words = WORDS[line];
  return words === undefined ? null : <p className={classes.note}>{words}</p>;
}
