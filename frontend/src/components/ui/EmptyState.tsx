import type { ReactNode } from 'react';
import classes from './EmptyState.module.css';

interface Props {
  title: string;
  text?: ReactNode;
  action?: ReactNode;
}

/** Nothing here: why, and what to do about it, here. */
export function EmptyState({ title, text, action }: Props) {
  return (
    <div className={classes.empty}>
      <h2>{title}</h2>
      {text ? <p>{text}</p> : null}
      {action}
    </div>
  );
}
