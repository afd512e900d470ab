import { Textarea, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import classes from './Chat.module.css';

interface Props {
  value: string;
  onChange: (text: string) => void;
  onClear?: () => void;
}

/** The system prompt: one line when set, a field while it is written. */
export function Instructions({ value, onChange, onClear }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div className={classes.instructions}>
      <span className={classes.term}>Instructions</span>
      {isOpen ? (
        <Textarea
          autosize
          minRows={1}
          maxRows={6}
          autoFocus
          aria-label="Instructions"
          className={classes.field ?? ''}
          value={value}
          placeholder="You are the support desk of a small shop. Answer in three sentences or fewer."
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <span className={value === '' ? classes.none : classes.given}>
          {value === '' ? 'None. The model uses its default behaviour.' : value}
        </span>
      )}
      <UnstyledButton className={classes.edit} onClick={() => setIsOpen(!isOpen)}>
        {isOpen ? 'Done' : 'Edit'}
      </UnstyledButton>
      {onClear ? (
        <UnstyledButton className={classes.edit} onClick={onClear}>
          New chat
        </UnstyledButton>
      ) : null}
    </div>
  );
}
