import type { ReactNode } from 'react';
import { useTasks } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { CodePanel } from '@/components/ui/CodePanel';
import { DeployedCard } from '@/features/progress/success/DeployedCard';
import { examplesOf, sampleFile } from '@/features/progress/success/examples';
import { Proof } from '@/features/progress/success/Proof';
import { ReceiptCard } from '@/features/progress/success/ReceiptCard';
import classes from './Evidence.module.css';

interface Props {
  deployment: Deployment;
  children: ReactNode;
}

/** The success page's evidence on the deployment's page: two features meet here. */
export function Evidence({ deployment, children }: Props) {
  const { data: tasks } = useTasks();
  const { model, proof, receipt, result } = deployment;
  const task = tasks?.find((one) => one.name === model?.task) ?? null;
  const sample = sampleFile(deployment, task);
  return (
    <div className={classes.columns}>
      <div className={classes.column}>
        {result ? (
          <CodePanel
            snippets={examplesOf(deployment, task)}
            footer={proof ? <Proof proof={proof} /> : undefined}
          />
        ) : null}
        {sample ? (
          <p className={classes.sample}>
            The examples send {sample.name} from the folder they run in.{' '}
            <a href={sample.href} download={sample.name}>
              Save a sample as {sample.name}
            </a>
          </p>
        ) : null}
        {receipt ? <ReceiptCard receipt={receipt} /> : null}
      </div>
      <div className={classes.column}>
        {children}
        <DeployedCard deployment={deployment} />
      </div>
    </div>
  );
}
