import { Button, Card } from '@mantine/core';
import { useRef } from 'react';
import { useNavigate } from 'react-router';
import { asProblem } from '@/api/problem';
import { useCreateDeployment } from '@/api/queries';
import type { ModelCard } from '@/api/types';
import { ToneBadge } from '@/components/ui/StateBadge';
import { FITS } from '@/components/ui/states';
import { TaskIcon } from '@/components/ui/TaskIcon';
import { formatBytes } from '@/lib/format';
import { randomKey } from '@/lib/random';
import classes from './EmptyHome.module.css';

/** A starter in one press: no screen between the wish and the launch. */
export function StarterCard({ card, isPrimary }: { card: ModelCard; isPrimary: boolean }) {
  const navigate = useNavigate();
  const create = useCreateDeployment();
  const key = useRef<string | null>(null);
  const deploy = () => {
    key.current ??= randomKey();
    create.mutate(
      { body: { model_id: card.id, source: 'starter' }, key: key.current },
      {
        onSuccess: (made) => navigate(`/deployments/${made.id}/progress`),
        onError: () => {
          key.current = null;
        },
      },
    );
  };
  // A note's first words are its point; the wizard shows the whole.
  const note = card.note?.match(/^[^(.]+/)?.[0].trim();
  const facts = [card.download_bytes === null ? null : formatBytes(card.download_bytes), note];
  return (
    <Card component="section" className={classes.card ?? ''} aria-label={card.title}>
      <div className={classes.top}>
        <TaskIcon task={card.task} size={36} />
        <ToneBadge {...FITS[card.fit.verdict]} variant="plain" />
      </div>
      <h2 className={classes.name}>{card.title}</h2>
      <p className={classes.text}>{card.description}</p>
      <p className={classes.facts}>
        {card.task}
        <br />
        {facts.filter(Boolean).join(' · ')}
      </p>
      {create.error ? (
        <p className={classes.refused} role="alert">
          {asProblem(create.error).detail}
        </p>
      ) : null}
      <Button
        fullWidth
        variant={isPrimary ? 'filled' : 'default'}
        loading={create.isPending || create.isSuccess}
        onClick={deploy}
      >
        Deploy {card.id}
      </Button>
    </Card>
  );
}
