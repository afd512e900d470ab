import { Button, Skeleton } from '@mantine/core';
import { IconArrowRight, IconCpu, IconWorldSearch } from '@tabler/icons-react';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { asProblem } from '@/api/problem';
import { useModels, useSystem } from '@/api/queries';
import type { ModelCard, System } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { formatBytes, inGb } from '@/lib/format';
import classes from './EmptyHome.module.css';
import { EmptyRamp } from './EmptyRamp';
import { StarterCard } from './StarterCard';

/** Different kinds of data first, so that three cards show what this is for. */
const FIRST = ['sentiment', 'digits', 'stories'];

export function pickStarters(cards: readonly ModelCard[]): ModelCard[] {
  const rank = (card: ModelCard) => {
    const at = FIRST.indexOf(card.id);
    return at < 0 ? FIRST.length : at;
  };
  return cards.toSorted((a, b) => rank(a) - rank(b)).slice(0, 3);
}

export function EmptyHome() {
  const starters = useModels({ source: 'starter', search: '', task: null });
  const system = useSystem().data;
  useEffect(() => {
    document.title = 'Slipway';
  }, []);
  const cards = pickStarters(starters.data?.pages.flatMap((page) => page.items) ?? []);
  return (
    <div className={classes.column}>
      <EmptyRamp />
      <h1 className={classes.title}>No deployments yet.</h1>
      <p className={classes.lead}>
        Pick a model, press Deploy, and get an HTTP endpoint on this machine. The starters ship with
        Slipway and need no network or account.
      </p>
      {starters.error ? <ProblemCard problem={asProblem(starters.error)} /> : null}
      <div className={classes.cards}>
        {starters.isPending
          ? FIRST.map((id) => <Skeleton key={id} height={252} radius="md" />)
          : cards.map((card, index) => (
              <StarterCard key={card.id} card={card} isPrimary={index === 0} />
            ))}
      </div>
      <div className={classes.hub}>
        <span className={classes.icon} aria-hidden>
          <IconWorldSearch size={18} stroke={1.75} />
        </span>
        <p>
          <strong>Looking for another model?</strong>
          <span>Search the Hugging Face Hub, or paste a model id or URL.</span>
        </p>
        <Button
          component={Link}
          to="/deploy/model"
          variant="default"
          rightSection={<IconArrowRight size={14} stroke={1.75} aria-hidden />}
        >
          Choose a model
        </Button>
      </div>
      <p className={classes.machine}>
        <IconCpu size={16} stroke={1.75} aria-hidden />
        <span>{system ? machineLine(system) : ' '}</span>
      </p>
    </div>
  );
}

/** Four bytes a parameter and a fifth on top is what the estimate comes to in full precision. */
const BYTES_PER_PARAMETER = 4 * 1.2;

export function machineLine({ machine, limits }: System): string {
  const gpu = machine.accelerators.map((one) => one.name).join(', ') || 'no GPU';
  const most = (Number(limits.max_memory_per_model_gb) || Number.POSITIVE_INFINITY) * 1e9;
  const billions = Math.min(machine.memory_free_bytes, most) / BYTES_PER_PARAMETER / 1e9;
  const size =
    billions >= 1
      ? `${Math.floor(billions)} billion`
      : `${Math.floor(billions * 10) * 100} million`;
  return (
    `This machine: ${machine.cores} cores, ${inGb(machine.memory_free_bytes)} of ` +
    `${Math.round(machine.memory_bytes / 1e9)} GB memory free, ` +
    `${formatBytes(machine.disk_free_bytes)} disk free, ${gpu}. ` +
    `Models up to about ${size} parameters fit.`
  );
}
