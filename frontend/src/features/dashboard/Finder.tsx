import { Button, Menu, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconCheck, IconFilter, IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import type { DeploymentState } from '@/api/types';
import { STATE_LABEL } from '@/components/ui/states';
import classes from './Home.module.css';

interface Props {
  search: string;
  onSearch: (search: string) => void;
  state: DeploymentState | null;
  onState: (state: DeploymentState | null) => void;
  states: readonly DeploymentState[];
}

export function Finder({ search, onSearch, state, onState, states }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([['/', () => field.current?.focus()]]);
  return (
    <>
      <TextInput
        ref={field}
        className={classes.search ?? ''}
        type="search"
        aria-label="Find a deployment by name or model"
        placeholder="Name or model"
        leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
        rightSection={<span className={classes.slash}>/</span>}
        rightSectionPointerEvents="none"
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            className={classes.filter ?? ''}
            leftSection={<IconFilter size={16} stroke={1.75} aria-hidden />}
          >
            {state ? STATE_LABEL(state) : 'State'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onState(null)} rightSection={tick(state === null)}>
            All states
          </Menu.Item>
          {states.map((one) => (
            <Menu.Item key={one} onClick={() => onState(one)} rightSection={tick(state === one)}>
              {STATE_LABEL(one)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

const tick = (isOn: boolean) =>
  isOn ? <IconCheck size={14} stroke={1.75} aria-label="chosen" /> : null;
