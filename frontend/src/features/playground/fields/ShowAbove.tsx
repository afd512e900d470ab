import { Slider } from '@mantine/core';
import classes from './ShowAbove.module.css';

interface Props {
  /** 0 to 1. */
  value: number;
  onChange: (value: number) => void;
}

/** Hides what the model is less sure of, without asking it again. */
export function ShowAbove({ value, onChange }: Props) {
  const percent = Math.round(100 * value);
  return (
    <div className={classes.row}>
      <span aria-hidden>Score threshold</span>
      <Slider
        className={classes.slider}
        thumbLabel="Score threshold"
        value={percent}
        label={null}
        onChange={(next) => onChange(next / 100)}
      />
      <strong>{percent}%</strong>
    </div>
  );
}
