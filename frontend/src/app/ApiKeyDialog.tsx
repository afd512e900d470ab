import { Button, Checkbox, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { answerKey, currentKey, isAsking, subscribe } from '@/api/key';

/** Opens by itself when the control plane answers 401; every refused request then goes on. */
export function ApiKeyDialog() {
  const asking = useSyncExternalStore(subscribe, isAsking);
  const [key, setKey] = useState('');
  const [remember, setRemember] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key === '') return;
    answerKey(key, remember);
    setKey('');
  };

  return (
    <Modal
      opened={asking}
      onClose={() => answerKey(null, false)}
      title="This server requires an API key"
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            The key is the value of API_KEY in the server's .env. It is sent in a header, never in a
            URL.
          </Text>
          <PasswordInput
            label="API key"
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="off"
            error={
              asking && currentKey() !== null
                ? 'The API key is wrong. Compare it with API_KEY on the server.'
                : undefined
            }
            data-autofocus
          />
          <Checkbox
            label="Remember the key until this tab is closed"
            description="Otherwise, enter it again after a reload."
            checked={remember}
            onChange={(event) => setRemember(event.currentTarget.checked)}
          />
          <Group justify="flex-end">
            <Button type="submit" disabled={key === ''}>
              Use this key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
