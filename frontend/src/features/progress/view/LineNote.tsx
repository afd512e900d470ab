import type { Line } from '../live/progressStore';
import classes from './LineNote.module.css';

const WORDS: Partial<Record<Line, string>> = {
  waiting:
    'Slipway cannot be reached. This page reconnects automatically. If it does not, start Slipway with make run.',
  refused:
    'The server rejected the live connection. Reload this page; if it fails again, check the API key and the proxy.',
};

/** Silent while the line is up. */
export function LineNote({ line }: { line: Line }) {
  const words = WORDS[line];
  return words === undefined ? null : <p className={classes.note}>{words}</p>;
}
