import { Textarea } from '@mantine/core';
import { type ReactNode, type Ref, useId } from 'react';
import { Section } from '@/components/ui/Section';
import classes from './InputCard.module.css';
import { RunButton } from './RunButton';

export interface Sample {
  label: string;
  text: string;
}

interface Props {
  title: string;
  note?: ReactNode;
  value: string;
  onChange: (text: string) => void;
  placeholder?: string;
  samples: readonly Sample[];
  onSample: (sample: Sample) => void;
  /** Beside the samples. */
  tools?: ReactNode;
  isRunning: boolean;
  onRun: () => void;
  onStop: () => void;
  inputRef?: Ref<HTMLTextAreaElement>;
  isCode?: boolean;
  error?: string | null;
  /** In the place of Run, while there is something else to do. */
  runSlot?: ReactNode;
}

/** A text, samples that run with one press, and Run. */
export function InputCard(props: Props) {
  const { title, note, value, onChange, samples, onSample, tools, inputRef } = props;
  const id = useId();
  return (
    <Section title={<label htmlFor={id}>{title}</label>} note={note}>
      <Textarea
        id={id}
        ref={inputRef ?? null}
        autosize
        minRows={3}
        maxRows={16}
        value={value}
        error={props.error}
        placeholder={props.placeholder ?? ''}
        spellCheck={!props.isCode}
        classNames={{ input: props.isCode ? (classes.code ?? '') : (classes.text ?? '') }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div className={classes.foot}>
        <div className={classes.chips}>
          {tools}
          {samples.map((sample) => (
            <button
              key={sample.label}
              type="button"
              className={classes.chip}
              onClick={() => onSample(sample)}
            >
              {sample.label}
            </button>
          ))}
        </div>
        {props.runSlot ? (
          <span className={classes.run}>{props.runSlot}</span>
        ) : (
          <RunButton
            isRunning={props.isRunning}
            isEmpty={value.trim() === ''}
            onRun={props.onRun}
            onStop={props.onStop}
          />
        )}
      </div>
    </Section>
  );
}
