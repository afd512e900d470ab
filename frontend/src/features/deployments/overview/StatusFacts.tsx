import type { Deployment } from '@/api/types';
import { type Fact, Facts } from '@/components/ui/Facts';
import { Duration, When } from '@/components/ui/Quantity';
import { Section } from '@/components/ui/Section';
import { plural } from '@/lib/format';
import classes from './StatusFacts.module.css';

const ENFORCED = {
  cgroup2: 'enforced by the kernel',
  cgroup1: 'enforced by the kernel',
  rlimit: 'enforced by the process limit',
  none: 'not enforced',
} as const;

/** The deployment's own facts; those of its model stand beside them. */
export function StatusFacts({ deployment }: { deployment: Deployment }) {
  const { id, created_at, updated_at, progress, port, request, memory, version } = deployment;
  const { max_batch_size, max_queue, idle_timeout_seconds } = request.serving;
  const facts: Fact[] = [
    [
      'Id',
      <code key="id" className={classes.id}>
        {id}
      </code>,
    ],
    ['Created', <When key="at" at={created_at} />],
    ['Changed', <When key="at" at={updated_at} />],
    ['Launch', <Duration key="took" seconds={progress.elapsed_seconds} />],
    ['Port', port],
    ['Version', version],
    ['Batch', max_batch_size === null ? 'automatic' : `at most ${max_batch_size}`],
    ['Queue', `at most ${plural(max_queue, 'input')}`],
    [
      'Idle',
      idle_timeout_seconds === null ? null : (
        <>
          sleeps after <Duration seconds={idle_timeout_seconds} />
        </>
      ),
    ],
    ['Limits', memory?.enforcement ? ENFORCED[memory.enforcement] : null],
  ];
  return (
    <Section title="This deployment">
      <Facts facts={facts} termWidth={70} />
    </Section>
  );
}
