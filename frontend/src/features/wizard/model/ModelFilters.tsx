import { Button, Switch } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTasks } from '@/api/queries';
import type { Modality, ModelCard } from '@/api/types';
import { cx } from '@/components/ui/cx';
import { useWizard } from '../context';
import type { Filters, LicenceFilter, SizeFilter } from '../state';
import { FilterList } from './FilterList';
import { matches } from './filter';
import classes from './ModelFilters.module.css';

const MODALITIES: readonly (readonly [Modality, string])[] = [
  ['nlp', 'Text'],
  ['vision', 'Images'],
  ['audio', 'Audio'],
  ['video', 'Video'],
  ['multimodal', 'Multimodal'],
  ['tabular', 'Tables'],
];
const SIZES: readonly (readonly [SizeFilter, string])[] = [
  ['small', 'Under 500 MB'],
  ['medium', '500 MB to 4 GB'],
  ['large', 'Over 4 GB'],
];
const LICENCES: readonly (readonly [LicenceFilter, string])[] = [
  ['open', 'Open, commercial use'],
  ['conditions', 'With conditions'],
];

export function ModelFilters({ cards }: { cards: readonly ModelCard[] }) {
  const { state, dispatch } = useWizard();
  const { filters } = state;
  const [isOpen, setOpen] = useState(false);
  const tasks = useTasks().data ?? [];
  const set = (changes: Partial<Filters>) => dispatch({ type: 'filter', changes });
  const count = (changes: Partial<Filters>) =>
    cards.filter((card) => matches(card, { ...filters, ...changes })).length;

  const served = tasks.filter((task) => task.served);
  const kinds = MODALITIES.filter(([kind]) => served.some((task) => task.modality === kind));
  const shown = served.filter((task) => !filters.modality || task.modality === filters.modality);
  const taskTitle = tasks.find((task) => task.name === filters.task)?.title ?? filters.task;
  return (
    <div>
      <div className={classes.narrow}>
        {filters.task ? (
          <Button
            size="sm"
            variant="light"
            rightSection={<IconX size={14} stroke={1.75} aria-hidden />}
            onClick={() => set({ task: null })}
            aria-label={`Remove filter ${taskTitle}`}
          >
            {taskTitle}
          </Button>
        ) : null}
        <Button
          size="sm"
          variant="default"
          leftSection={<IconFilter size={14} stroke={1.75} aria-hidden />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          Filters
        </Button>
      </div>
      <div className={cx(classes.lists, isOpen && classes.open)}>
        <FilterList
          title="Kind"
          value={filters.modality}
          options={kinds.map(([value, label]) => ({ value, label }))}
          onChange={(modality) => set({ modality, task: null })}
        />
        <FilterList
          title="Task"
          value={filters.task}
          options={shown.map((task) => ({ value: task.name, label: task.title }))}
          all={`All ${shown.length} tasks`}
          onChange={(task) => set({ task })}
        />
        <FilterList
          title="Size on disk"
          value={filters.size}
          options={SIZES.map(([value, label]) => ({ value, label, count: count({ size: value }) }))}
          onChange={(size) => set({ size })}
        />
        <FilterList
          title="Licence"
          value={filters.licence}
          options={LICENCES.map(([value, label]) => ({
            value,
            label,
            count: count({ licence: value }),
          }))}
          onChange={(licence) => set({ licence })}
        />
        <Switch
          label="Only what fits"
          checked={filters.onlyFits}
          onChange={(event) => set({ onlyFits: event.currentTarget.checked })}
        />
      </div>
    </div>
  );
}
