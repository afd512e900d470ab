import { Button } from '@mantine/core';
import { Link } from 'react-router';
import type { Deployment } from '@/api/types';
import { ProblemCard } from '@/components/ui/ProblemCard';
import { Section } from '@/components/ui/Section';
import { stateView } from '@/components/ui/states';
import type { Parts } from '../parts';
import { MemoryCard } from './MemoryCard';
import { StatusFacts } from './StatusFacts';

interface Props {
  deployment: Deployment;
  Evidence: Parts['Evidence'];
}

/** What runs, since when, how it is called, and what proves that it works. */
export function Overview({ deployment, Evidence }: Props) {
  const { memory, result, problem } = deployment;
  const facts = (
    <>
      <StatusFacts deployment={deployment} />
      {memory ? <MemoryCard memory={memory} /> : null}
    </>
  );
  return (
    <>
      {problem ? <Failed deployment={deployment} problem={problem} /> : null}
      {result || deployment.receipt ? (
        <Evidence deployment={deployment}>{facts}</Evidence>
      ) : (
        <>
          {problem ? null : <NotYet deployment={deployment} />}
          {facts}
        </>
      )}
    </>
  );
}

function NotYet({ deployment }: { deployment: Deployment }) {
  const { label } = stateView(deployment, true);
  return (
    <Section title={label}>
      <p>{deployment.message}</p>
    </Section>
  );
}

interface FailedProps {
  deployment: Deployment;
  problem: NonNullable<Deployment['problem']>;
}

/** The remedies live on the progress page; here is what happened and the way there. */
function Failed({ deployment, problem }: FailedProps) {
  return (
    <ProblemCard
      problem={problem}
      actions={
        <Button
          component={Link}
          variant="default"
          to={`/deployments/${encodeURIComponent(deployment.id)}/progress`}
        >
          Show the steps and the remedy
        </Button>
      }
    />
  );
}
