import type { ReactNode } from 'react';
import { Section } from '@/components/ui/Section';
import input from '../InputCard.module.css';
import { RunButton, type RunProps } from '../RunButton';
import classes from './AskCard.module.css';

interface Props {
  title: string;
  note?: ReactNode;
  /** The fields, from top to bottom. */
  children: ReactNode;
  samples?: readonly { label: string; onPick: () => void }[];
  run: RunProps;
}

/** A question of several fields, samples that run with one press, and Run. */
export function AskCard({ title, note, children, samples = [], run }: Props) {
  return (
    <Section title={title} note={note}>
      <div className={classes.fields}>{children}</div>
      <div className={input.foot}>
        <div className={input.chips}>
          {samples.map(({ label, onPick }) => (
            <button key={label} type="button" className={input.chip} onClick={onPick}>
              {label}
            </button>
          ))}
        </div>
        <RunButton {...run} />
      </div>
    </Section>
  );
}
