import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { plural } from '@/lib/format';
import { ParameterControl } from './ParameterControl';
import classes from './ParametersForm.module.css';
import type { Field } from './schema';
import type { Parameters } from './useParameters';

interface Props {
  parameters: Parameters;
  /** Without it, all fields of the task. */
  fields?: readonly Field[];
  title?: string;
}

/** All that a task takes beside its input, drawn from its schema; closed until wanted. */
export function ParametersForm({ parameters, fields, title = 'Parameters' }: Props) {
  const shown = fields ?? parameters.fields;
  const changed = shown.filter(({ name }) => name in parameters.values).length;
  if (shown.length === 0) return null;
  return (
    <details className={classes.box}>
      <summary className={classes.summary}>
        <IconChevronRight size={16} stroke={1.75} aria-hidden className={classes.chevron} />
        <span className={classes.title}>{title}</span>
        <span className={classes.count}>
          {changed === 0 ? 'defaults' : `${plural(changed, 'value')} changed`}
        </span>
      </summary>
      <div className={classes.fields}>
        {shown.map((field) => (
          <ParameterControl
            key={field.name}
            field={field}
            value={parameters.values[field.name]}
            onChange={(value) => parameters.set(field, value)}
          />
        ))}
        <UnstyledButton className={classes.reset} onClick={parameters.reset}>
          Reset to defaults
        </UnstyledButton>
      </div>
    </details>
  );
}
