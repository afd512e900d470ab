import type { ReactNode } from 'react';
import type { Deployment } from '@/api/types';
import { CodePanel } from '@/components/ui/CodePanel';
import { DeployedCard } from '@/features/progress/success/DeployedCard';
import { examplesOf } from '@/features/progress/success/examples';
import { Proof } from '@/features/progress/success/Proof';
import { ReceiptCard } from '@/features/progress/success/ReceiptCard';
import { SampleFiles } from '@/features/progress/success/SampleFiles';
import classes from './Evidence.module.css';

interface Props {
  deployment: Deployment;
  children: ReactNode;
}

/** The success page's evidence on the deployment's page: two features meet here. */
export function Evidence({ deployment, children }: Props) {
  const { proof, receipt, result } = deployment;
  return (
    <div className={classes.columns}>
      <div className={classes.column}>
        {result ? (
          <CodePanel
            snippets={examplesOf(deployment)}
            footer={proof ? <Proof proof={proof} /> : undefined}
          />
        ) : null}
        <SampleFiles deployment={deployment} />
        {receipt ? <ReceiptCard receipt={receipt} /> : null}
      </div>
      <div className={classes.column}>
        {children}
        <DeployedCard deployment={deployment} />
      </div>
    </div>
  );
}
