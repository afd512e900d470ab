import { Button } from '@mantine/core';
import type { Preflight, PreflightItem } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { VERDICTS } from '@/components/ui/states';
import { toneClass } from '@/components/ui/tones';
import { SCREEN_OF } from '@/lib/screens';
import { useWizard } from '../context';
import { SCREEN_LABEL, type Screen } from '../state';
import classes from './PreflightList.module.css';

const ORDER = { block: 0, warn: 1, ok: 2 } as const;
/** Where a check can be changed, when its problem has no screen of its own. */
const SCREEN_OF_ITEM: Partial<Record<string, Screen>> = {
  source: 'model',
  task: 'model',
  size: 'model',
  format: 'dependencies',
  code: 'dependencies',
  libraries: 'dependencies',
  memory: 'hardware',
  device: 'hardware',
  port: 'settings',
  key: 'settings',
};

/** What is not ok on top, tinted and with its remedy; the rest one line each. */
export function PreflightList({ preflight }: { preflight: Preflight }) {
  const items = preflight.items.toSorted((a, b) => ORDER[a.verdict] - ORDER[b.verdict]);
  return (
    <ul className={classes.list}>
      {items.map((item) => (
        <Item key={item.code} item={item} />
      ))}
    </ul>
  );
}

function Item({ item }: { item: PreflightItem }) {
  const { goTo, isExpert } = useWizard();
  const view = VERDICTS[item.verdict];
  const screen = SCREEN_OF[item.problem_code ?? ''] ?? SCREEN_OF_ITEM[item.code];
  const Icon = view.icon;
  return (
    <li className={cx(classes.item, toneClass(view.tone))} data-verdict={item.verdict}>
      <Icon size={16} stroke={1.75} aria-label={view.label} />
      <span className={classes.title}>{item.title}</span>
      <span className={classes.detail}>
        {item.detail}
        {item.remedy ? <span className={classes.remedy}>{item.remedy}</span> : null}
      </span>
      {item.verdict !== 'ok' && screen && !isExpert ? (
        <Button variant="default" size="sm" onClick={() => goTo(screen)}>
          Change {SCREEN_LABEL[screen].toLowerCase()}
        </Button>
      ) : null}
    </li>
  );
}
