import { useMemo, useState } from 'react';
import type { Task } from '@/api/types';
import { type Field, fieldsOf, type Values, withValue } from './schema';

export interface Parameters {
  fields: readonly Field[];
  values: Values;
  set: (field: Field, value: unknown) => void;
  reset: () => void;
}

export function useParameters(task: Task, initial: Values = {}): Parameters {
  const fields = useMemo(() => fieldsOf(task.request), [task.request]);
  const [values, setValues] = useState<Values>(initial);
  return {
    fields,
    values,
    set: (field, value) => setValues((old) => withValue(old, field, value)),
    reset: () => setValues(initial),
  };
}
