import { IconCheck, IconCircleX, IconDatabase, IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ModelCard } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { FitBadge } from '@/components/ui/FitBadge';
import { ToneBadge } from '@/components/ui/StateBadge';
import { formatBytes, formatParameters, splitModelId } from '@/lib/format';
import classes from './ModelOption.module.css';

interface Props {
  card: ModelCard;
  isChosen: boolean;
  isOnDisk: boolean;
  onChoose: () => void;
}

/** A model as a real radio: arrows move, Enter continues. What does not fit can still be chosen and read. */
export function ModelOption({ card, isChosen, isOnDisk, onChoose }: Props) {
  const isStarter = card.source === 'starter';
  const isDull = card.fit.verdict === 'does-not-fit' || !card.served;
  const { owner, name } = splitModelId(card.id);
  const facts = factsOf(card);
  return (
    <label className={cx(classes.card, isDull && classes.dull)} data-chosen={isChosen || undefined}>
      <input
        type="radio"
        name="model"
        className={classes.input}
        checked={isChosen}
        onChange={onChoose}
        onClick={onChoose}
        aria-label={`${card.id}, ${card.task ?? 'task not specified'}`}
      />
      <span className={classes.origin}>
        <Dotted parts={[isStarter ? 'Starter' : (owner ?? sourceName(card)), card.task]} />
        <span className={classes.mark} aria-hidden>
          {isChosen ? <IconCheck size={14} stroke={2.5} /> : null}
        </span>
      </span>
      <span className={classes.name}>{isStarter ? card.title : name}</span>
      <span className={classes.facts}>
        {facts.length > 0 ? <Dotted parts={facts} /> : (card.note ?? 'Size unknown')}
      </span>
      <span className={classes.foot}>
        {card.served ? (
          <FitBadge fit={card.fit} />
        ) : (
          <ToneBadge label="Task not supported" tone="idle" icon={IconCircleX} variant="plain" />
        )}
        <Marks card={card} isOnDisk={isOnDisk} />
      </span>
    </label>
  );
}

const factsOf = (card: ModelCard): string[] =>
  [
    card.parameters === null ? null : `${formatParameters(card.parameters)} params`,
    card.download_bytes === null ? null : formatBytes(card.download_bytes),
    card.license,
  ].filter((fact) => fact !== null);

function Marks({ card, isOnDisk }: { card: ModelCard; isOnDisk: boolean }) {
  const isStarter = card.source === 'starter';
  return (
    <span className={classes.marks}>
      {isOnDisk && !isStarter ? (
        <Mark icon={<IconDatabase size={14} stroke={1.75} />} word="On disk" />
      ) : null}
      {card.gated ? <Mark icon={<IconLock size={14} stroke={1.75} />} word="Gated" /> : null}
    </span>
  );
}

const sourceName = (card: ModelCard): string => (card.source === 'local' ? 'Local folder' : 'Hub');

function Dotted({ parts }: { parts: readonly (string | null)[] }) {
  return (
    <span className={classes.dotted}>
      {parts
        .filter((part) => part !== null)
        .map((part) => (
          <span key={part}>{part}</span>
        ))}
    </span>
  );
}

function Mark({ icon, word }: { icon: ReactNode; word: string }) {
  return (
    <span className={classes.badge}>
      {icon}
      {word}
    </span>
  );
}
