import { TagsInput } from '@mantine/core';

interface Props {
  value: string[];
  onChange: (labels: string[]) => void;
  label?: string;
}

/** Labels that the person makes up, for tasks that were trained on none. */
export function LabelsField({ value, onChange, label = 'Labels to choose from' }: Props) {
  return (
    <TagsInput
      label={label}
      value={value}
      onChange={onChange}
      splitChars={[',']}
      placeholder={value.length === 0 ? 'Type a label, press Enter' : ''}
      acceptValueOnBlur
      clearable
    />
  );
}
