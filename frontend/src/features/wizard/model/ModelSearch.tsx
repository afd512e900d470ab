import { TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import { useWizard } from '../context';
import classes from './ModelSearch.module.css';

export function ModelSearch() {
  const { state, dispatch, isExpert } = useWizard();
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => field.current?.focus()]]);
  return (
    <TextInput
      ref={field}
      className={classes.search ?? ''}
      size="lg"
      type="search"
      aria-label="Search models, or paste a Hub id or address"
      placeholder="Name or task"
      autoComplete="off"
      spellCheck={false}
      data-first-focus={isExpert ? undefined : true}
      leftSection={<IconSearch size={20} stroke={1.75} aria-hidden />}
      rightSection={<span className={classes.hint}>or paste a Hub id or URL</span>}
      rightSectionWidth="auto"
      rightSectionPointerEvents="none"
      value={state.filters.search}
      onChange={(event) =>
        dispatch({ type: 'filter', changes: { search: event.currentTarget.value } })
      }
    />
  );
}
