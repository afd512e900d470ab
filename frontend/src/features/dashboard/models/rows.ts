/** Models of one section: joined with the cache, searched and sorted. Pure. */
import type { CachedModel, ModelCard } from '@/api/types';
import { formatParameters } from '@/lib/format';

export interface ModelRow {
  card: ModelCard;
  /** On disk; null if unknown. */
  bytes: number | null;
  /** Only a cached model can be deleted. */
  cached: CachedModel | null;
  lastUsedAt: string | null;
}

export const SORTS = [
  { value: 'name', label: 'Name' },
  { value: 'size', label: 'Size' },
  { value: 'used', label: 'Last used' },
] as const;

export type Sort = (typeof SORTS)[number]['value'];

export const isSort = (text: string | null): text is Sort =>
  SORTS.some(({ value }) => value === text);

export const rowsOf = (cards: readonly ModelCard[]): ModelRow[] =>
  cards.map((card) => ({ card, bytes: card.download_bytes, cached: null, lastUsedAt: null }));

/** One row for each copy: the same model may also be in another program's cache. */
export function cachedRows(
  cards: readonly ModelCard[],
  cached: readonly CachedModel[],
): ModelRow[] {
  const byId = new Map(cards.map((card) => [card.id, card]));
  return cached.flatMap((one) => {
    const card = byId.get(one.model_id);
    // Just downloaded or just deleted: the two lists agree a moment later.
    if (!card) return [];
    return [{ card, bytes: one.bytes, cached: one, lastUsedAt: one.last_used_at }];
  });
}

/** What a model is, in a few facts: "text-classification · 67.0 M parameters · apache-2.0". */
export function factsOf(card: ModelCard): string {
  const { kind, source, id, task, parameters, license, served } = card;
  const size = parameters === null ? null : `${formatParameters(parameters)} parameters`;
  // The title of a starter is not the name that one deploys it by.
  const name = source === 'starter' ? id : null;
  const facts = kind ? [kind] : [name, task ?? (served ? 'Task unknown' : null), size, license];
  return facts.filter(Boolean).join(' · ');
}

/** Why it can't be deployed; null if it can. */
export function obstacleOf({ served, note, task }: ModelCard): string | null {
  if (served) return null;
  return note ?? (task ? `The task ${task} is not supported.` : 'It cannot be deployed.');
}

function matches({ card }: ModelRow, search: string): boolean {
  const text = [card.id, card.title, card.task, card.kind, card.description, ...card.used_by];
  const all = text.join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

const ORDERS: Readonly<Record<Sort, (a: ModelRow, b: ModelRow) => number>> = {
  name: () => 0,
  size: (a, b) => (b.bytes ?? -1) - (a.bytes ?? -1),
  used: (a, b) => (b.lastUsedAt ?? '').localeCompare(a.lastUsedAt ?? ''),
};

/** By name within equal values; the largest and the last used first. */
export const arranged = (rows: readonly ModelRow[], search: string, sort: Sort): ModelRow[] =>
  rows
    .filter((row) => matches(row, search.trim()))
    .toSorted((a, b) => ORDERS[sort](a, b) || a.card.id.localeCompare(b.card.id));

/** The wizard's last screen with this model chosen. */
export function deployLink({ id, source }: ModelCard): string {
  const query = new URLSearchParams({ source: source === 'cached' ? 'hub' : source, model: id });
  return `/deploy/review?${query.toString().replaceAll('%2F', '/')}`;
}
