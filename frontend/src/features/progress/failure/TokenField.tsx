import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSetHubToken } from '@/api/queries';
import { refusal } from '../refusal';
import classes from './FailedView.module.css';

interface Props {
  label: string;
  /** The model's page, where its terms are accepted. */
  page: string;
  isPending: boolean;
  onSaved: () => void;
}

/** The token goes to a file of the server and is never shown again. */
export function TokenField({ label, page, isPending, onSaved }: Props) {
  const [token, setToken] = useState('');
  const save = useSetHubToken();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(token.trim(), { onSuccess: onSaved });
  };
  return (
    <form className={classes.token} onSubmit={submit}>
      <PasswordInput
        className={classes.field ?? ''}
        aria-label="Token of the Hugging Face Hub"
        placeholder="hf_…"
        autoComplete="off"
        value={token}
        onChange={({ currentTarget }) => setToken(currentTarget.value)}
        error={refusal(save.error)?.detail}
      />
      <Button type="submit" disabled={token.trim() === ''} loading={save.isPending || isPending}>
        {label}
      </Button>
      <Button variant="default" component="a" href={page} target="_blank" rel="noreferrer">
        Open its page
      </Button>
    </form>
  );
}
