import {
  IconAlertCircle,
  IconCircleCheck,
  IconCircleMinus,
  IconClock,
  IconProgress,
} from '@tabler/icons-react';
import type { LoadTestState } from '@/api/types';
import { ToneBadge } from '@/components/ui/StateBadge';
import type { Icon, Tone } from '@/components/ui/states';

const VIEWS: Record<LoadTestState, { label: string; tone: Tone; icon: Icon }> = {
  queued: { label: 'Waiting', tone: 'idle', icon: IconClock },
  running: { label: 'Running', tone: 'accent', icon: IconProgress },
  completed: { label: 'Completed', tone: 'ok', icon: IconCircleCheck },
  cancelled: { label: 'Cancelled', tone: 'idle', icon: IconCircleMinus },
  failed: { label: 'Failed', tone: 'bad', icon: IconAlertCircle },
};

interface Props {
  state: LoadTestState;
  variant?: 'pill' | 'plain';
}

export const LoadTestBadge = ({ state, variant = 'pill' }: Props) => (
  <ToneBadge {...VIEWS[state]} isTurning={state === 'running'} variant={variant} />
);
