import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import type { Field } from './schema';

interface Props {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
}

const OPEN = 'Automatic';

/** One field of the schema as the control that fits its kind. */
export function ParameterControl({ field, value, onChange }: Props) {
  const common = { label: field.title, description: field.description };
  switch (field.kind) {
    case 'number':
      return <NumberControl field={field} value={value} onChange={onChange} />;
    case 'boolean':
      return <BooleanControl field={field} value={value} onChange={onChange} />;
    case 'enum':
      return <EnumControl field={field} value={value} onChange={onChange} />;
    case 'text':
      return (
        <TextInput
          {...common}
          value={(value as string | undefined) ?? ''}
          placeholder={OPEN}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'texts':
      return (
        <Texts
          {...common}
          value={(value as string[] | undefined) ?? field.initial ?? []}
          initial={field.initial}
          onChange={onChange}
        />
      );
  }
}

type Of<K extends Field['kind']> = Omit<Props, 'field'> & { field: Extract<Field, { kind: K }> };

function NumberControl({ field, value, onChange }: Of<'number'>) {
  return (
    <NumberInput
      label={field.title}
      description={field.description}
      value={(value as number | undefined) ?? field.initial ?? ''}
      onChange={(next) => onChange(next === '' ? null : Number(next))}
      {...(field.min === null ? {} : { min: field.min })}
      {...(field.max === null ? {} : { max: field.max })}
      step={field.isInteger ? 1 : 0.1}
      allowDecimal={!field.isInteger}
      placeholder={OPEN}
    />
  );
}

function BooleanControl({ field, value, onChange }: Of<'boolean'>) {
  const common = { label: field.title, description: field.description };
  return field.initial === null ? (
    <OpenChoice
      {...common}
      options={['true', 'false']}
      value={value === undefined ? null : String(value)}
      onChange={(next) => onChange(next === null ? null : next === 'true')}
    />
  ) : (
    <Switch
      {...common}
      checked={(value as boolean | undefined) ?? field.initial}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

function EnumControl({ field, value, onChange }: Of<'enum'>) {
  const common = { label: field.title, description: field.description };
  const chosen = (value as string | undefined) ?? field.initial;
  return field.initial === null ? (
    <OpenChoice {...common} options={field.options} value={chosen} onChange={onChange} />
  ) : (
    <Select {...common} data={field.options} value={chosen} onChange={onChange} />
  );
}

interface ChoiceProps {
  label: string;
  description: string;
  options: readonly string[];
  value: string | null;
  onChange: (value: string | null) => void;
}

const WORDS: Readonly<Record<string, string>> = { true: 'Yes', false: 'No' };

/** A choice that can be left to the server. */
function OpenChoice({ options, value, onChange, ...common }: ChoiceProps) {
  const data = options.map((option) => ({ value: option, label: WORDS[option] ?? option }));
  return (
    <Select
      {...common}
      data={[{ value: '', label: OPEN }, ...data]}
      value={value ?? ''}
      onChange={(next) => onChange(next === '' ? null : next)}
    />
  );
}

interface TextsProps {
  label: string;
  description: string;
  value: readonly string[];
  initial: readonly string[] | null;
  onChange: (value: string[] | null) => void;
}

function Texts({ value, initial, onChange, description, ...common }: TextsProps) {
  return (
    <Textarea
      {...common}
      description={`${description} One per line.`}
      autosize
      minRows={1}
      maxRows={4}
      value={value.join('\n')}
      onChange={(event) => {
        const { value: text } = event.currentTarget;
        onChange(text === '' ? (initial === null ? null : []) : text.split('\n'));
      }}
    />
  );
}
