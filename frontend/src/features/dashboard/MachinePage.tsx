import { Card, SimpleGrid } from '@mantine/core';
import { asProblem } from '@/api/problem';
import { useDeployments, useSystem } from '@/api/queries';
import type { System } from '@/api/types';
import { Facts } from '@/components/ui/Facts';
import { PageHeader } from '@/components/ui/PageHeader';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Bytes } from '@/components/ui/Quantity';
import { RowsSkeleton } from '@/components/ui/Skeletons';
import { HubTokenCard } from './HubTokenCard';
import { MachineMemory } from './MachineMemory';
import classes from './Plain.module.css';

const ENFORCED: Record<System['memory_enforcement'], string> = {
  cgroup2: 'Enforced by the kernel (cgroup 2)',
  cgroup1: 'Enforced by the kernel (cgroup 1)',
  rlimit: 'Enforced by the process limit',
  none: 'Not enforced on this machine',
};

export function MachinePage() {
  const { data: system, error } = useSystem();
  const deployments = useDeployments().data ?? [];
  return (
    <>
      <PageHeader title="Machine" subtitle={system?.machine.platform ?? ' '} />
      {error && !system ? <ProblemCard problem={asProblem(error)} /> : null}
      {system ? (
        <>
          <MachineMemory deployments={deployments} />
          <Cards system={system} />
        </>
      ) : error ? null : (
        <RowsSkeleton rows={3} height={160} />
      )}
    </>
  );
}

function Cards({ system }: { system: System }) {
  const { machine, exposure } = system;
  const gpus = machine.accelerators.map((one) => `${one.device}: ${one.name}`).join('; ');
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing={16}>
      <Card component="section">
        <h2 className={classes.title}>Hardware</h2>
        <Facts
          termWidth={110}
          facts={[
            ['Processor', `${machine.cores} cores, ${machine.cpu}`],
            ['bfloat16', machine.has_bfloat16 ? 'In hardware' : 'Emulated'],
            ['Memory', <Bytes key="memory" value={machine.memory_bytes} />],
            ['Memory limits', ENFORCED[system.memory_enforcement]],
            ['Disk free', <Bytes key="disk" value={machine.disk_free_bytes} />],
            ['Accelerator', gpus || 'None found'],
          ]}
        />
      </Card>
      <Card component="section">
        <h2 className={classes.title}>Network access</h2>
        <Facts
          termWidth={110}
          facts={[
            ['Address', exposure.hosts.join(', ')],
            ['Access', exposure.scope === 'network' ? 'The network' : 'This machine only'],
            ['API key', exposure.api_key_required ? 'Required' : 'Not required'],
            ['Note', exposure.message],
          ]}
        />
      </Card>
      <HubTokenCard hub={system.hub} />
      <Card component="section">
        <h2 className={classes.title}>Software</h2>
        <Facts
          termWidth={150}
          facts={[
            ['Slipway', system.version],
            ...Object.entries(system.versions).map(([name, version]) => [name, version] as const),
            ...system.runtimes.map(
              (runtime) =>
                [`Runtime ${runtime.name}`, runtime.usable ? 'Available' : runtime.reason] as const,
            ),
          ]}
        />
      </Card>
    </SimpleGrid>
  );
}
