import { useId, useState } from 'react';
import classes from './ModelFilters.module.css';

interface FilterOption<T extends string> {
  value: T;
  label: string;
  count?: number;
}

interface Props<T extends string> {
  title: string;
  value: T | null;
  options: readonly FilterOption<T>[];
  onChange: (value: T | null) => void;
  /** Label of the line that shows what is beyond the first ones. */
  all?: string;
}

const FEW = 7;

/** One filter, at most one value; pressing it again takes it off. */
export function FilterList<T extends string>({ title, value, options, onChange, all }: Props<T>) {
  const id = useId();
  const [isLong, setLong] = useState(false);
  if (options.length === 0) return null;
  const isCut = all !== undefined && options.length > FEW && !isLong;
  const shown = isCut ? options.filter((one, at) => at < FEW - 1 || one.value === value) : options;
  return (
    <fieldset className={classes.group} aria-labelledby={id}>
      <h2 id={id} className={classes.title}>
        {title}
      </h2>
      {shown.map((one) => (
        <button
          key={one.value}
          type="button"
          className={classes.option}
          aria-pressed={one.value === value}
          onClick={() => onChange(one.value === value ? null : one.value)}
        >
          <span>{one.label}</span>
          {one.count === undefined ? null : <span className={classes.number}>{one.count}</span>}
        </button>
      ))}
      {isCut ? (
        <button type="button" className={classes.option} onClick={() => setLong(true)}>
          {all}
        </button>
      ) : null}
    </fieldset>
  );
}
