import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { asProblem } from '@/api/problem';
import { useCache, useModelsOnDisk } from '@/api/queries';
import type { CachePage } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { RowsSkeleton } from '@/components/ui/Skeletons';
import { formatBytes, plural } from '@/lib/format';
import { useAddressQuery } from '@/lib/useAddressQuery';
import { ModelFinder } from './ModelFinder';
import { ModelTable } from './ModelTable';
import classes from './ModelTable.module.css';
import { arranged, cachedRows, isSort, type ModelRow, rowsOf, type Sort } from './rows';

const CACHED = 'Cached models';

/** Search and order are in the address, so that a reload shows the same. */
function useChoices() {
  const [query, put] = useAddressQuery();
  const sort = query.get('sort');
  return {
    search: query.get('search') ?? '',
    setSearch: (search: string) => put('search', search),
    sort: (isSort(sort) ? sort : 'name') satisfies Sort,
    setSort: (value: string) => put('sort', value === 'name' ? '' : value),
  };
}

/** The models on this machine: what each is, its size and fit, and which deployments use it. */
export function ModelsPage() {
  const { search, setSearch, sort, setSort } = useChoices();
  const { sections, cache, isPending } = useSections(search, sort);
  const isNothing = search !== '' && sections.every(({ rows }) => rows.length === 0);
  return (
    <>
      <PageHeader
        title="Models"
        subtitle={cache ? diskUse(cache) : ' '}
        actions={<ModelFinder search={search} onSearch={setSearch} sort={sort} onSort={setSort} />}
      />
      {isPending ? (
        <RowsSkeleton rows={6} />
      ) : (
        sections.map((section) => <Section key={section.title} {...section} />)
      )}
      {isNothing && !isPending ? (
        <EmptyState
          title={`No model matches “${search}”.`}
          action={
            <Button variant="default" onClick={() => setSearch('')}>
              Clear search
            </Button>
          }
        />
      ) : null}
    </>
  );
}

/** The three lists of the API as sections of the page, searched and sorted. */
function useSections(search: string, sort: Sort) {
  const [starters, local, cards] = [
    useModelsOnDisk('starter'),
    useModelsOnDisk('local'),
    useModelsOnDisk('cached'),
  ];
  const cache = useCache();
  const sectionOf = (title: string, error: Error | null, all: ModelRow[], none: ReactNode) => ({
    title,
    error,
    rows: arranged(all, search, sort),
    none: all.length === 0 && search === '' ? none : null,
  });
  const cached = cachedRows(cards.data?.items ?? [], cache.data?.items ?? []);
  return {
    cache: cache.data,
    isPending: [starters, local, cards, cache].some((query) => query.isPending),
    sections: [
      sectionOf('Starters', starters.error, rowsOf(starters.data?.items ?? []), null),
      sectionOf(
        'Local folders',
        local.error,
        rowsOf(local.data?.items ?? []),
        <NoLocal directory={local.data?.directory ?? null} />,
      ),
      sectionOf(
        CACHED,
        cards.error ?? cache.error,
        cached,
        <NoCached directory={cache.data?.directory ?? null} />,
      ),
    ],
  };
}

interface SectionProps {
  title: string;
  error: Error | null;
  rows: readonly ModelRow[];
  none: ReactNode;
}

/** A section that a search leaves empty is hidden; one that is empty says how to fill it. */
function Section({ title, error, rows, none }: SectionProps) {
  if (error) return <ProblemCard problem={asProblem(error)} />;
  if (rows.length > 0) {
    return <ModelTable title={title} rows={rows} isCache={title === CACHED} />;
  }
  if (none === null) return null;
  return (
    <section className={classes.section} aria-label={title}>
      <h2>{title}</h2>
      <p className={classes.none}>{none}</p>
    </section>
  );
}

const NoLocal = ({ directory }: { directory: string | null }) => (
  <>
    No local models. Put a folder with config.json and model.safetensors below{' '}
    <code>{directory ?? 'MODEL_STORAGE_PATH/local'}</code>.
  </>
);

const NoCached = ({ directory }: { directory: string | null }) => (
  <>
    No cached models. Models from the Hub are kept in{' '}
    <code>{directory ?? 'HUGGINGFACE_CACHE_DIR'}</code>, so that each is downloaded once.
  </>
);

function diskUse({ items, total_bytes, disk_free_bytes }: CachePage): string {
  const own = items.filter(({ freeable }) => freeable).length;
  const cached =
    own === 0
      ? 'The cache is empty'
      : `${plural(own, 'cached model')}, ${formatBytes(total_bytes)}`;
  return `${cached}; ${formatBytes(disk_free_bytes)} free on disk`;
}
