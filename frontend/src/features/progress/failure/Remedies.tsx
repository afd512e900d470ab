import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useSystem } from '@/api/queries';
import type { Deployment } from '@/api/types';
import type { Remedy } from './remedies';
import { TokenField } from './TokenField';

interface Props {
  deployment: Deployment;
  remedies: readonly Remedy[];
  pendingLabel: string | null;
  onRetry: (remedy: Extract<Remedy, { kind: 'retry' }>) => void;
}

/** A retry of the same that asks for nothing: what is done after a token was saved. */
const PLAIN = { kind: 'retry', label: '', changes: null } as const;

/** Only the first is filled. */
export function Remedies({ deployment, remedies, pendingLabel, onRetry }: Props) {
  const { data: system } = useSystem();
  const hub = system?.hub.endpoint ?? 'https://huggingface.co';
  return remedies.map((remedy, index) => {
    const variant = index === 0 ? 'filled' : 'default';
    if (remedy.kind === 'token') {
      return (
        <TokenField
          key={remedy.label}
          label={remedy.label}
          page={`${hub}/${deployment.request.model_id}`}
          isPending={pendingLabel === PLAIN.label}
          onSaved={() => onRetry(PLAIN)}
        />
      );
    }
    if (remedy.kind === 'edit') {
      const to = `/deploy/${remedy.screen}?again=${encodeURIComponent(deployment.name)}`;
      return (
        <Button key={remedy.label} variant={variant} component={Link} to={to}>
          {remedy.label}
        </Button>
      );
    }
    return (
      <Button
        key={remedy.label}
        variant={variant}
        loading={pendingLabel === remedy.label}
        disabled={pendingLabel !== null && pendingLabel !== remedy.label}
        onClick={() => onRetry(remedy)}
      >
        {remedy.label}
      </Button>
    );
  });
}
