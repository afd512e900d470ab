import type { ReactNode } from 'react';
import { useId } from 'react';
import classes from './OptionCards.module.css';

export interface OptionCard<T extends string> {
  value: T;
  title: string;
  /** What it is, or why this machine can't do it. */
  text: string;
  isUsable: boolean;
  /** The number that this choice decides. */
  number?: string | null;
}

interface Props<T extends string> {
  title: string;
  hint?: ReactNode;
  value: T;
  options: readonly OptionCard<T>[];
  onChange: (value: T) => void;
  /** The consequence of an option one merely looks at; null when one looks away. */
  onPreview?: (value: T | null) => void;
}

/** Real radios. What can't be chosen stays focusable, with its reason as its description. */
export function OptionCards<T extends string>(props: Props<T>) {
  const { title, hint, value, options, onChange, onPreview } = props;
  const id = useId();
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>
        <span className={classes.title}>{title}</span>{' '}
        {hint ? <span className={classes.hint}>{hint}</span> : null}
      </legend>
      <div className={classes.grid} data-count={options.length}>
        {options.map((option) => (
          <label
            key={option.value}
            className={classes.card}
            data-chosen={option.value === value || undefined}
            data-off={!option.isUsable || undefined}
            onMouseEnter={() => option.isUsable && onPreview?.(option.value)}
            onMouseLeave={() => onPreview?.(null)}
          >
            <input
              type="radio"
              name={id}
              className={classes.input}
              checked={option.value === value}
              aria-disabled={!option.isUsable || undefined}
              aria-describedby={`${id}-${option.value}`}
              aria-label={option.title}
              onChange={() => option.isUsable && onChange(option.value)}
              onFocus={() => option.isUsable && onPreview?.(option.value)}
              onBlur={() => onPreview?.(null)}
            />
            <span className={classes.dot} aria-hidden />
            <span className={classes.words}>
              <span className={classes.line}>
                <span className={classes.name}>{option.title}</span>
                {option.number ? <span className={classes.number}>{option.number}</span> : null}
              </span>
              <span id={`${id}-${option.value}`} className={classes.text}>
                {option.text}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
