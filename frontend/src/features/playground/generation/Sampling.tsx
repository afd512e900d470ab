import { Slider, UnstyledButton } from '@mantine/core';
import { Section } from '@/components/ui/Section';
import { ParametersForm } from '../ParametersForm';
import type { Field } from '../schema';
import type { Parameters } from '../useParameters';
import classes from './Sampling.module.css';

interface Knob {
  name: string;
  title: string;
  min: number;
  max: number;
  step: number;
  /** At this place the parameter is not sent. */
  open: number;
  openText: string;
}

// The schema's bounds are for machines; these are the ranges in which people turn.
const KNOBS: readonly Knob[] = [
  {
    name: 'temperature',
    title: 'Temperature',
    min: 0,
    max: 2,
    step: 0.1,
    open: 0,
    openText: 'most likely token',
  },
  { name: 'top_p', title: 'Top p', min: 0.05, max: 1, step: 0.05, open: 1, openText: 'all tokens' },
];
const MAX_TOKENS = 'max_new_tokens';

interface Props {
  parameters: Parameters;
  /** Tokens of prompt and answer together. */
  limit: number | null;
  defaultTokens: number;
}

/** The three knobs that matter, and all others behind a fold. */
export function Sampling({ parameters, limit, defaultTokens }: Props) {
  const field = (name: string): Field | undefined =>
    parameters.fields.find((one) => one.name === name);
  const tokens = field(MAX_TOKENS);
  const knobs: readonly Knob[] = [
    ...KNOBS,
    {
      name: MAX_TOKENS,
      title: 'Max tokens',
      min: 1,
      max: Math.min(limit ?? 1024, 1024),
      step: 1,
      open: Number.NaN,
      openText: '',
    },
  ];
  const special = new Set(knobs.map(({ name }) => name));
  const others = parameters.fields.filter(({ name }) => !special.has(name));
  return (
    <>
      <Section
        title="Sampling"
        note={
          <UnstyledButton className={classes.reset} onClick={parameters.reset}>
            Reset
          </UnstyledButton>
        }
      >
        {knobs.map((knob) => {
          const one = knob.name === MAX_TOKENS ? tokens : field(knob.name);
          return one ? (
            <Turn
              key={knob.name}
              knob={knob}
              value={
                (parameters.values[knob.name] as number | undefined) ??
                (knob.name === MAX_TOKENS ? defaultTokens : knob.open)
              }
              onChange={(value) => parameters.set(one, value === knob.open ? null : value)}
            />
          ) : null;
        })}
      </Section>
      <ParametersForm parameters={parameters} fields={others} title="More parameters" />
    </>
  );
}

interface TurnProps {
  knob: Knob;
  value: number;
  onChange: (value: number) => void;
}

function Turn({ knob, value, onChange }: TurnProps) {
  const text = value === knob.open ? knob.openText : String(value);
  return (
    <div className={classes.knob}>
      <div className={classes.line}>
        <span>{knob.title}</span>
        <strong>{text}</strong>
      </div>
      <Slider
        min={knob.min}
        max={knob.max}
        step={knob.step}
        value={Math.min(value, knob.max)}
        onChange={(next) => onChange(Number(next.toFixed(2)))}
        label={null}
        thumbLabel={knob.title}
        size={4}
        thumbSize={16}
        classNames={{ thumb: classes.thumb ?? '', track: classes.track ?? '' }}
      />
    </div>
  );
}
