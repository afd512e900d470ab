import { Button } from '@mantine/core';
import { IconBell, IconBellCheck } from '@tabler/icons-react';
import { memo, useState } from 'react';

const permission = (): NotificationPermission | 'unsupported' =>
  'Notification' in window ? Notification.permission : 'unsupported';

/** Asks for the browser's permission only when one presses it. */
export const NotifyButton = memo(() => {
  const [first] = useState(permission);
  const [now, setNow] = useState(first);
  if (first !== 'default' || now === 'denied') return null;
  const isOn = now === 'granted';
  const Icon = isOn ? IconBellCheck : IconBell;
  return (
    <Button
      variant="default"
      leftSection={<Icon size={16} stroke={1.75} aria-hidden />}
      disabled={isOn}
      onClick={() => void Notification.requestPermission().then(setNow)}
    >
      {isOn ? 'You will be notified' : 'Notify me'}
    </Button>
  );
});
NotifyButton.displayName = 'NotifyButton';
