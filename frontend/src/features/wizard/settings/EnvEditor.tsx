import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './DeploymentConfig.module.css';

interface Pair {
  id: number;
  name: string;
  value: string;
}

interface Props {
  env: Record<string, string>;
  onChange: (env: Record<string, string>) => void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const REFUSED =
  /^(LD_|DYLD_|PYTHON|HF_|HUGGINGFACE_|SLIPWAY_|MODEL_|API_KEY|BACKEND_|PATH$|HOME$|DATABASE_URL$)/i;

export function envProblem(name: string): string | null {
  if (name === '') return null;
  if (!NAME.test(name)) return 'Letters, digits and underscore';
  return REFUSED.test(name) ? 'This name is reserved for Slipway and Python' : null;
}

/** Environment of the model server. Rows have an identity of their own, for names change while one types. */
export function EnvEditor({ env, onChange }: Props) {
  const [pairs, setPairs] = useState<Pair[]>(() =>
    Object.entries(env).map(([name, value], id) => ({ id, name, value })),
  );
  const update = (next: Pair[]) => {
    setPairs(next);
    const valid = next.filter((pair) => pair.name !== '' && envProblem(pair.name) === null);
    onChange(Object.fromEntries(valid.map((pair) => [pair.name, pair.value])));
  };
  const edit = (id: number, changes: Partial<Pair>) =>
    update(pairs.map((pair) => (pair.id === id ? { ...pair, ...changes } : pair)));
  const add = () =>
    setPairs([
      ...pairs,
      { id: Math.max(0, ...pairs.map((pair) => pair.id)) + 1, name: '', value: '' },
    ]);
  return (
    <section className={classes.env} aria-label="Environment">
      <p className={classes.label}>Environment</p>
      <p className={classes.description}>
        Environment variables of the model server. They are stored and displayed in plain text: do
        not enter secrets.
      </p>
      {pairs.map((pair) => (
        <div key={pair.id} className={classes.row}>
          <TextInput
            aria-label="Variable name"
            placeholder="NAME"
            value={pair.name}
            error={envProblem(pair.name)}
            onChange={(event) => edit(pair.id, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`Value of ${pair.name || 'the variable'}`}
            placeholder="value"
            value={pair.value}
            onChange={(event) => edit(pair.id, { value: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={`Remove ${pair.name || 'the variable'}`}
            onClick={() => update(pairs.filter((one) => one.id !== pair.id))}
          >
            <IconTrash size={16} stroke={1.75} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="sm"
        leftSection={<IconPlus size={14} stroke={1.75} aria-hidden />}
        onClick={add}
      >
        Add a variable
      </Button>
    </section>
  );
}
