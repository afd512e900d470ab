import type { ReactNode } from 'react';
import { cx } from '@/components/ui/cx';
import { useWizard } from '../context';
import classes from './Screen.module.css';

interface Props {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  /** The consequence of the choices; in expert mode one aside serves all screens. */
  aside?: ReactNode;
  /** A screen of many cards gives its aside less. */
  isDense?: boolean;
}

/** Choices left, consequence right. */
export function Screen({ title, lead, children, aside, isDense = false }: Props) {
  const { isExpert } = useWizard();
  const Title = isExpert ? 'h2' : 'h1';
  return (
    <div className={cx(classes.columns, isDense && classes.dense, isExpert && classes.single)}>
      <section className={classes.main} aria-label={title}>
        <Title tabIndex={-1}>{title}</Title>
        {lead ? <p className={classes.lead}>{lead}</p> : null}
        <div className={classes.body}>{children}</div>
      </section>
      {isExpert || !aside ? null : <aside className={classes.aside}>{aside}</aside>}
    </div>
  );
}
