import { Card } from '@mantine/core';
import { Facts } from '@/components/ui/Facts';
import { formatDuration } from '@/lib/format';
import { useWizard } from '../context';
import { Address } from './Address';

/** What the settings come to: the address, and who can reach it. */
export function SettingsAside() {
  const { state, name, system } = useWizard();
  const { serving } = state;
  const needsKey = serving.require_api_key ?? system?.exposure.api_key_required ?? false;
  const exposure = system?.exposure;
  return (
    <Card component="section">
      <Address />
      <Facts
        facts={[
          ['Name', name],
          ['Also at', <code key="proxy">/d/{name}/predict</code>],
          ['Access', exposure?.scope === 'network' ? 'Your network' : 'This machine only'],
          ['API key', needsKey ? 'Required' : 'Not required'],
          ['Idle', idleOf(serving.idle_timeout_seconds)],
        ]}
      />
      {exposure?.message ? (
        <p style={{ marginTop: 14, fontSize: 13, color: 'var(--sw-text-2)' }}>{exposure.message}</p>
      ) : null}
    </Card>
  );
}

export const idleOf = (seconds: number | null): string =>
  seconds === null ? 'Never sleeps' : `Sleeps after ${formatDuration(seconds)}`;
