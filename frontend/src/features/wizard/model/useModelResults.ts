import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { asProblem } from '@/api/problem';
import { type ModelFilter, useModel, useModels } from '@/api/queries';
import type { CardSource, ModelCard, Problem } from '@/api/types';
import { type PastedModel, parsePasted } from '../names';
import type { Filters, Tab } from '../state';
import { matches, unique } from './filter';

const SEARCH_AFTER_MS = 250;

/** Which sources a tab asks, in the order of their cards. */
const SOURCES: Record<Tab, readonly CardSource[]> = {
  all: ['starter', 'hub'],
  starter: ['starter'],
  hub: ['hub'],
  disk: ['local', 'cached'],
};

export interface ModelResults {
  cards: ModelCard[];
  /** Before the filters that work on what is here: what their counts are counted on. */
  unfiltered: ModelCard[];
  isLoading: boolean;
  /** The Hub's failure; what needs no network is in `cards` nevertheless. */
  hubProblem: Problem | null;
  retryHub: () => void;
  more: (() => void) | null;
  isLoadingMore: boolean;
  onDisk: ReadonlySet<string>;
  pasted: PastedModel | null;
  isSettled: boolean;
}

function useSource(
  source: CardSource,
  filter: Omit<ModelFilter, 'source'>,
  sources: readonly CardSource[],
) {
  const query = useModels({ ...filter, source }, sources.includes(source));
  const cards = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { query, cards: query.error ? [] : cards };
}

export function useModelResults(filters: Filters): ModelResults {
  const [settled] = useDebouncedValue(filters.search.trim(), SEARCH_AFTER_MS);
  const sources = SOURCES[filters.tab];
  const pasted = parsePasted(settled);
  // A pasted id is looked up by itself; a search for it finds its relatives.
  const search = pasted ? pasted.id : settled;
  const filter = { search, task: filters.task };
  const starter = useSource('starter', filter, sources);
  const everyStarter = useSource('starter', { search: '', task: null }, sources);
  const hub = useSource('hub', filter, sources);
  const local = useSource('local', filter, sources);
  const cached = useSource('cached', { search: '', task: null }, ['cached']);
  const exact = useModel(pasted ? 'hub' : null, pasted?.id ?? null, pasted?.revision);

  const found: Record<CardSource, ModelCard[]> = {
    starter: starter.cards.length === 0 && hub.query.error ? everyStarter.cards : starter.cards,
    hub: hub.cards,
    local: local.cards,
    cached: cached.cards.filter((card) => isAsked(card, search, filters.task)),
  };
  const listed = sources.flatMap((source) => found[source]);
  const unfiltered = unique(exact.data && pasted ? [exact.data, ...listed] : listed);
  const asked = [starter, hub, local, cached].filter((_, index) =>
    sources.includes((['starter', 'hub', 'local', 'cached'] as const)[index] ?? 'hub'),
  );
  return {
    cards: unfiltered.filter((card) => matches(card, filters)),
    unfiltered,
    isLoading: asked.some(({ query }) => query.isPending),
    hubProblem: sources.includes('hub') && hub.query.error ? asProblem(hub.query.error) : null,
    retryHub: () => void hub.query.refetch(),
    more:
      sources.includes('hub') && hub.query.hasNextPage
        ? () => void hub.query.fetchNextPage()
        : null,
    isLoadingMore: hub.query.isFetchingNextPage,
    onDisk: new Set(cached.cards.map((card) => card.id)),
    pasted,
    // What comes first must be there, or something later would be preselected for a moment.
    isSettled:
      settled === filters.search.trim() &&
      !asked[0]?.query.isPending &&
      asked.every(({ query }) => !query.isPlaceholderData),
  };
}

function isAsked(card: ModelCard, search: string, task: string | null): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${card.id} ${card.task ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word)) && (task === null || card.task === task);
}
