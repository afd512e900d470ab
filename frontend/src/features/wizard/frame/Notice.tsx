import type { ReactNode } from 'react';
import { cx } from '@/components/ui/cx';
import type { Icon, Tone } from '@/components/ui/states';
import { toneClass } from '@/components/ui/tones';
import classes from './Notice.module.css';

interface Props {
  tone: Tone;
  icon: Icon;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
}

/** Something that lasts and should be known: what it is, and a button that does something about it. */
export function Notice({ tone, icon: Icon, title, text, action }: Props) {
  return (
    <div className={cx(classes.notice, toneClass(tone))} role="status">
      <Icon size={16} stroke={1.75} aria-hidden />
      <div className={classes.words}>
        <strong>{title}</strong>
        {text ? <div className={classes.text}>{text}</div> : null}
      </div>
      {action}
    </div>
  );
}
