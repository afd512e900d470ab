import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Deployment, DeploymentState } from '@/api/types';
import { EmptyState } from '@/components/ui/EmptyState';
import { PageHeader } from '@/components/ui/PageHeader';
import { DeploymentTable } from './DeploymentTable';
import { Finder } from './Finder';
import { countByGroup, matchesSearch } from './groups';
import { MachineMemory } from './MachineMemory';
import { Summary } from './Summary';

export function DeploymentList({ deployments }: { deployments: readonly Deployment[] }) {
  const [search, setSearch] = useState('');
  const [state, setState] = useState<DeploymentState | null>(null);
  const shown = deployments.filter(
    (one) => matchesSearch(one, search) && (state === null || one.state === state),
  );
  const clear = () => {
    setSearch('');
    setState(null);
  };
  return (
    <>
      <PageHeader
        title="Deployments"
        subtitle={<Summary counts={countByGroup(deployments)} />}
        actions={
          <Finder
            search={search}
            onSearch={setSearch}
            state={state}
            onState={setState}
            states={[...new Set(deployments.map((one) => one.state))]}
          />
        }
      />
      <MachineMemory deployments={deployments} />
      {shown.length > 0 ? (
        <DeploymentTable deployments={shown} />
      ) : (
        <EmptyState
          title={search ? `No deployment matches ${search}.` : 'No deployment is in this state.'}
          action={
            <Button variant="default" onClick={clear}>
              Show all
            </Button>
          }
        />
      )}
    </>
  );
}
