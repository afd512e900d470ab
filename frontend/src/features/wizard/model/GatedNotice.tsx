import { Button, PasswordInput } from '@mantine/core';
import { IconExternalLink, IconLock } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { asProblem } from '@/api/problem';
import { useSetHubToken } from '@/api/queries';
import type { ModelDetail } from '@/api/types';
import { useWizard } from '../context';
import { Notice } from '../frame/Notice';
import classes from './GatedNotice.module.css';

/** A gated model: accept the terms on its page, then give a token. It is written and never shown. */
export function GatedNotice({ detail }: { detail: ModelDetail }) {
  const hasToken = useWizard().system?.hub.has_token ?? false;
  const [token, setToken] = useState('');
  const save = useSetHubToken();
  // Of a model and its companion, the one that is gated; of adapters, most often the base model.
  const companion = detail.base ?? detail.vocoder;
  const page = companion?.gated ? companion.page : detail.page;
  const send = () => {
    if (token === '' || save.isPending) return;
    save.mutate(token, { onSuccess: () => setToken('') });
  };
  // Enter in this field saves the token; it does not continue the wizard.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    send();
  };
  return (
    <Notice
      tone="warn"
      icon={IconLock}
      title="Request access first"
      text={
        <div className={classes.body}>
          <p>
            {hasToken
              ? 'A token is set. Its account must have accepted the terms of this model.'
              : "Accept the terms on the model's page, then enter a token of that account."}
          </p>
          {page ? (
            <a href={page} target="_blank" rel="noreferrer noopener">
              Terms and licence <IconExternalLink size={14} stroke={1.75} aria-hidden />
            </a>
          ) : null}
          <PasswordInput
            className={classes.field ?? ''}
            label="Hub token"
            placeholder={hasToken ? 'Replace the token that is set' : 'hf_…'}
            autoComplete="off"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            error={save.error ? asProblem(save.error).detail : undefined}
          />
          <Button
            variant="default"
            size="sm"
            onClick={send}
            loading={save.isPending}
            disabled={token === ''}
          >
            Save token
          </Button>
          {save.isSuccess ? (
            <p role="status">Stored in a file that only your user can read.</p>
          ) : null}
        </div>
      }
    />
  );
}
