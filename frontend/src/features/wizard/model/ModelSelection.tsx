import { Button, SegmentedControl } from '@mantine/core';
import { useEffect } from 'react';
import type { ModelCard } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { RowsSkeleton } from '@/components/ui/Skeletons';
import { plural } from '@/lib/format';
import { useWizard } from '../context';
import { Screen } from '../frame/Screen';
import { type ChosenModel, cardSource, NO_FILTERS, type Tab } from '../state';
import { HubNotice } from './HubNotice';
import { ModelAside } from './ModelAside';
import { ModelFilters } from './ModelFilters';
import { ModelOption } from './ModelOption';
import { ModelSearch } from './ModelSearch';
import classes from './ModelSelection.module.css';
import { type ModelResults, useModelResults } from './useModelResults';

const TABS: { value: Tab; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'starter', label: 'Starters' },
  { value: 'hub', label: 'Hub' },
  { value: 'disk', label: 'On disk' },
];

const chosenOf = (card: ModelCard, revision = 'main'): ChosenModel => ({
  id: card.id,
  source: cardSource(card.source),
  revision,
  task: null,
});

export function ModelSelection() {
  const { state, dispatch } = useWizard();
  const { filters, model } = state;
  const results = useModelResults(filters);
  const { pasted } = results;
  const revisionOf = (card: ModelCard) => (pasted?.id === card.id ? pasted.revision : 'main');

  // The first result is preselected, so that Enter continues.
  const first = results.cards[0];
  const suggestion = first && results.isSettled ? chosenOf(first, revisionOf(first)) : null;
  const key = suggestion ? `${suggestion.source}:${suggestion.id}@${suggestion.revision}` : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says what the suggestion is
  useEffect(() => {
    if (suggestion) dispatch({ type: 'suggest', model: suggestion });
  }, [key, dispatch]);

  const isChosen = (card: ModelCard) =>
    model?.id === card.id && model.source === cardSource(card.source);
  return (
    <Screen title="Which model?" aside={<ModelAside />} isDense>
      <div className={classes.top}>
        <ModelSearch />
        <SegmentedControl
          className={classes.tabs ?? ''}
          data={TABS}
          value={filters.tab}
          onChange={(tab) => dispatch({ type: 'filter', changes: { tab: tab as Tab } })}
          aria-label="Sources"
        />
      </div>
      <div className={classes.columns}>
        <ModelFilters cards={results.unfiltered} />
        <div className={classes.results}>
          <p className={classes.count} role="status">
            {results.isLoading ? 'Searching models' : summary(results, filters.search)}
          </p>
          {results.hubProblem ? (
            <HubNotice problem={results.hubProblem} retry={results.retryHub} />
          ) : null}
          <div className={classes.grid} role="radiogroup" aria-label="Models">
            {results.cards.map((card) => (
              <ModelOption
                key={`${card.source}:${card.id}`}
                card={card}
                isChosen={isChosen(card)}
                isOnDisk={results.onDisk.has(card.id)}
                onChoose={() =>
                  dispatch({ type: 'choose', model: chosenOf(card, revisionOf(card)) })
                }
              />
            ))}
          </div>
          <Ending results={results} />
        </div>
      </div>
    </Screen>
  );
}

function summary({ cards, more, hubProblem }: ModelResults, search: string): string {
  if (cards.length === 0) return '';
  if (hubProblem) return `${plural(cards.length, 'model')} (Hub unavailable)`;
  const count = `${plural(cards.length, 'model')}${more ? ' so far' : ''}`;
  return search.trim() === ''
    ? `${count}, starters and popular models first`
    : `${count}, most downloaded first`;
}

function Ending({ results }: { results: ModelResults }) {
  const { state, dispatch } = useWizard();
  const { search } = state.filters;
  if (results.isLoading && results.cards.length === 0)
    return <RowsSkeleton rows={3} height={128} />;
  if (results.cards.length === 0) {
    return (
      <EmptyState
        title={
          search ? `No model matches ${search} with these filters.` : 'No model with these filters.'
        }
        text="You can also enter an exact id, owner/name."
        action={
          <Button
            variant="default"
            onClick={() => dispatch({ type: 'filter', changes: { ...NO_FILTERS, search } })}
          >
            Clear filters
          </Button>
        }
      />
    );
  }
  if (!results.more) return null;
  return (
    <Button variant="default" mt="md" loading={results.isLoadingMore} onClick={results.more}>
      Load more from the Hub
    </Button>
  );
}
