import { Button, Card, Group, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { asProblem } from '@/api/problem';
import { useSetHubToken } from '@/api/queries';
import type { System } from '@/api/types';
import { Facts } from '@/components/ui/Facts';
import classes from './Plain.module.css';

/** For gated and private models. It is written into a file of mode 0600 and never shown again. */
export function HubTokenCard({ hub }: { hub: System['hub'] }) {
  const [token, setToken] = useState('');
  const save = useSetHubToken();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token !== '') save.mutate(token, { onSuccess: () => setToken('') });
  };
  return (
    <Card component="section">
      <h2 className={classes.title}>Hugging Face Hub</h2>
      <Facts
        termWidth={110}
        facts={[
          ['Address', hub.endpoint],
          ['Network', hub.offline ? 'Disabled (HF_HUB_OFFLINE)' : 'Enabled'],
          ['Token', hub.has_token ? 'Set' : 'None'],
        ]}
      />
      <form onSubmit={submit}>
        <Group align="flex-end" mt="md" gap="xs">
          <PasswordInput
            flex={1}
            label={hub.has_token ? 'Replace the token' : 'Hub token'}
            placeholder="hf_…"
            autoComplete="off"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={save.error ? asProblem(save.error).detail : undefined}
          />
          <Button type="submit" variant="default" loading={save.isPending} disabled={token === ''}>
            Save token
          </Button>
        </Group>
      </form>
    </Card>
  );
}
