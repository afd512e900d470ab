import { Card } from '@mantine/core';
import type { System } from '@/api/types';
import { Facts } from '@/components/ui/Facts';
import { formatBytes } from '@/lib/format';

const ENFORCED: Record<System['memory_enforcement'], string> = {
  cgroup2: 'limits enforced (cgroup 2)',
  cgroup1: 'limits enforced (cgroup 1)',
  rlimit: 'limits enforced (process limit)',
  none: 'limits not enforced',
};

export function MachineCard({ system }: { system: System }) {
  const { machine } = system;
  const accelerators = machine.accelerators.map(
    (one) => `${one.name}, ${formatBytes(one.memory_bytes)}`,
  );
  return (
    <Card component="section">
      <h2 style={{ fontSize: 14, lineHeight: '20px', marginBottom: 8 }}>This machine</h2>
      <Facts
        facts={[
          ['Processor', `${machine.cores} cores, ${machine.cpu}`],
          [
            'Memory',
            `${Math.round(machine.memory_bytes / 1e9)} GB, ${ENFORCED[system.memory_enforcement]}`,
          ],
          ['Disk', `${formatBytes(machine.disk_free_bytes)} free`],
          ['Accelerator', accelerators.join('; ') || 'None found'],
        ]}
      />
    </Card>
  );
}
