import { Button } from '@mantine/core';
import { useState } from 'react';
import classes from './ConfirmButton.module.css';

interface Props {
  label: string;
  /** What will be gone; stands where the button was. */
  question: string;
  /** The act and its object: "Cancel launch". */
  confirm: string;
  keep: string;
  isDangerous?: boolean;
  isPending: boolean;
  onConfirm: () => void;
}

/** Asks in its own place, without a dialog. */
export function ConfirmButton(props: Props) {
  const [isAsking, setAsking] = useState(false);
  const red = 'var(--sw-bad-text)';
  if (!isAsking) {
    return (
      <Button
        variant="default"
        {...(props.isDangerous ? { c: red } : {})}
        onClick={() => setAsking(true)}
      >
        {props.label}
      </Button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend
    <div className={classes.ask} role="group" aria-label={props.question}>
      <span className={classes.question}>{props.question}</span>
      <Button variant="default" onClick={() => setAsking(false)} disabled={props.isPending}>
        {props.keep}
      </Button>
      <Button
        variant="default"
        c={red}
        autoFocus
        loading={props.isPending}
        onClick={props.onConfirm}
      >
        {props.confirm}
      </Button>
    </div>
  );
}
