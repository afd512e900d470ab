import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import type { Problem } from '@/api/types';
import { Notice } from '../frame/Notice';

/** The Hub's silence is one line; what needs no network stays where it was. */
export function HubNotice({ problem, retry }: { problem: Problem; retry: () => void }) {
  return (
    <Notice
      tone="warn"
      icon={IconCloudOff}
      title={problem.title}
      text={`${problem.detail} Starters and models on disk need no network.`}
      action={
        <Button variant="default" size="sm" onClick={retry}>
          Retry
        </Button>
      }
    />
  );
}
