import { Card } from '@mantine/core';
import type { ModelDetail } from '@/api/types';
import { Facts } from '@/components/ui/Facts';
import { formatBytes, plural } from '@/lib/format';
import { useWizard } from '../context';
import { type DependencyGroups, installBytes } from './dependencies';

/** What the choices on the left come to. */
export function DependencyAside({ groups }: { groups: DependencyGroups }) {
  const { detail } = useWizard();
  const count = groups.install.length;
  const bytes = installBytes(groups);
  return (
    <Card component="section">
      <h2 style={{ fontSize: 14, lineHeight: '20px', marginBottom: 8 }}>Summary</h2>
      <Facts
        facts={[
          [
            'Install',
            count === 0
              ? 'Nothing'
              : `${plural(count, 'extra')}${bytes ? `, ${formatBytes(bytes)}` : ''}`,
          ],
          ['Code', codeOf(detail)],
          ['Weights', weightsOf(detail)],
        ]}
      />
    </Card>
  );
}

function weightsOf(detail: ModelDetail | null | undefined): string {
  if (detail?.pickle) return 'Pickle, converted to safetensors';
  return detail?.formats.join(', ') || 'Unknown';
}

function codeOf(detail: ModelDetail | null | undefined): string {
  if (detail?.needs_remote_code) return 'Code from the repository';
  return detail?.has_code
    ? 'Library classes; code in the repository is not used'
    : 'Library classes only';
}
