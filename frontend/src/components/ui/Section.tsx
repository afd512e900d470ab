import { Card } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { cx } from './cx';
import classes from './Section.module.css';

interface Props {
  title: ReactNode;
  /** Quiet, at the right end of the title: a count, a link. */
  note?: ReactNode;
  children?: ReactNode;
  className?: string | undefined;
}

/** A card with its name: the unit of a page's columns. */
export function Section({ title, note, children, className }: Props) {
  const id = useId();
  return (
    <Card component="section" aria-labelledby={id} className={cx(classes.section, className)}>
      <div className={classes.head}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {note ? <div className={classes.note}>{note}</div> : null}
      </div>
      {children}
    </Card>
  );
}
