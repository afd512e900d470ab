import type { Tone } from './states';
import classes from './tones.module.css';

/** A class that gives its element `--tone-text`, `--tone-tint`, `--tone-line` and `--tone-bar`. */
export const toneClass = (tone: Tone): string => classes[tone] ?? '';
