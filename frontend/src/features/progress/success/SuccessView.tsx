import type { Deployment } from '@/api/types';
import { CodePanel } from '@/components/ui/CodePanel';
import { PageHeader } from '@/components/ui/PageHeader';
import { Ramp } from '@/components/ui/Ramp';
import { StateBadge } from '@/components/ui/StateBadge';
import { formatDuration } from '@/lib/format';
import { DeployedCard } from './DeployedCard';
import { EndpointCard } from './EndpointCard';
import { examplesOf } from './examples';
import { NextSteps } from './NextSteps';
import { Proof } from './Proof';
import { ReceiptCard } from './ReceiptCard';
import { SampleFiles } from './SampleFiles';
import classes from './SuccessView.module.css';

interface Props {
  deployment: Deployment;
  /** It was launched before one's eyes: the hull slides onto the water, once. */
  launching: boolean;
}

/** The endpoint, code that works when pasted, and the proof that it does. */
export function SuccessView({ deployment, launching }: Props) {
  const { name, progress, proof, receipt, result } = deployment;
  const endpoint = result?.usage_instructions.endpoint ?? deployment.endpoint ?? '';
  const took = `Six steps in ${formatDuration(progress.elapsed_seconds)}.`;
  return (
    <>
      <PageHeader
        title={`${name} is launched`}
        tabTitle={name}
        badge={<StateBadge deployment={deployment} />}
        subtitle={proof ? `${took} The endpoint was verified with a real request.` : took}
      />
      <div className={classes.ramp}>
        <Ramp
          percent={100}
          weights={progress.steps.map((step) => step.weight)}
          launched
          launching={launching}
          valueText="100 percent, launched"
        />
      </div>
      <EndpointCard endpoint={endpoint} />
      <div className={classes.columns}>
        <div className={classes.code}>
          <CodePanel
            fill
            snippets={examplesOf(deployment)}
            footer={proof ? <Proof proof={proof} /> : undefined}
          />
          <SampleFiles deployment={deployment} />
        </div>
        <div className={classes.side}>
          {receipt ? <ReceiptCard receipt={receipt} /> : null}
          <DeployedCard deployment={deployment} />
        </div>
      </div>
      <NextSteps deployment={deployment} />
    </>
  );
}
