import { NativeSelect, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import classes from './ModelTable.module.css';
import { SORTS, type Sort } from './rows';

interface Props {
  search: string;
  onSearch: (search: string) => void;
  sort: Sort;
  onSort: (sort: string) => void;
}

/** Search and sort order of the page; `/` focuses the search. */
export function ModelFinder({ search, onSearch, sort, onSort }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => field.current?.focus()]]);
  return (
    <>
      <TextInput
        ref={field}
        className={classes.search ?? ''}
        type="search"
        aria-label="Search models"
        placeholder="Name, task or deployment"
        leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      <NativeSelect
        className={classes.sort ?? ''}
        aria-label="Sort by"
        data={SORTS.map(({ value, label }) => ({ value, label: `Sort by ${label.toLowerCase()}` }))}
        value={sort}
        onChange={(event) => onSort(event.currentTarget.value)}
      />
    </>
  );
}
