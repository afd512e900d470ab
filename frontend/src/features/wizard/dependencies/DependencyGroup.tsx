import { Checkbox } from '@mantine/core';
import {
  IconAlertCircle,
  IconCircleCheck,
  IconCirclePlus,
  IconDownload,
} from '@tabler/icons-react';
import { cx } from '@/components/ui/cx';
import { Bytes } from '@/components/ui/Quantity';
import type { Tone } from '@/components/ui/states';
import { toneClass } from '@/components/ui/tones';
import classes from './DependencyManager.module.css';
import type { DependencyRow } from './dependencies';

const ICONS = {
  ok: IconCircleCheck,
  accent: IconDownload,
  bad: IconAlertCircle,
  idle: IconCirclePlus,
  warn: IconAlertCircle,
} as const;

interface Props {
  title: string;
  text: string;
  rows: readonly DependencyRow[];
  tone: Tone;
  onToggle?: (row: DependencyRow, isWanted: boolean) => void;
}

export function DependencyGroup({ title, text, rows, tone, onToggle }: Props) {
  if (rows.length === 0) return null;
  const Icon = ICONS[tone];
  return (
    <section className={cx(classes.group, toneClass(tone))} aria-label={title}>
      <header className={classes.head}>
        <Icon size={16} stroke={1.75} aria-hidden />
        <h2>{title}</h2>
        <span>{text}</span>
      </header>
      <ul className={classes.rows}>
        {rows.map((row) => (
          <li key={row.name}>
            {onToggle && !row.isNeeded ? (
              <Checkbox
                label={row.title}
                checked={row.isChosen}
                onChange={(event) => onToggle(row, event.currentTarget.checked)}
              />
            ) : (
              <span>{row.title}</span>
            )}
            <code>{row.version ?? ''}</code>
            <span className={classes.size}>
              {row.bytes === null ? '' : <Bytes value={row.bytes} />}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
