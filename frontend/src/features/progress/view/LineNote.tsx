import type { Line } from '../live/progressStore';
import classes from './LineNote.module.css';

const WORDS: Partial<Record<Line, string>> = {
  waiting:
    'Slipway cannot be reached. This page reconnects automatically; the launch may still be running.',
  refused: 'Live updates were refused. Reload this page to try again.',
};

/** Silent while the line is up. */
export function LineNote({ line }: { line: Line }) {
  const words = WORDS[line];
  return words === undefined ? null : <p className={classes.note}>{words}</p>;
}
