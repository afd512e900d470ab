import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { Proof as ProofValue } from '@/api/types';
import { Code } from '@/components/ui/CodePanel';
import { formatMs } from '@/lib/format';
import { clockSeconds, exactUtc } from '@/lib/time';
import { compactJson } from './compactJson';
import classes from './Proof.module.css';

/** The real request that came before "running", with its answer. */
export function Proof({ proof }: { proof: ProofValue }) {
  return (
    <div className={classes.proof}>
      <div className={classes.head}>
        <span className={classes.title}>
          <IconCheck size={16} stroke={1.75} aria-hidden />
          Proof: the response to a real request
        </span>
        <span className={classes.time} title={exactUtc(proof.at)}>
          {formatMs(proof.latency_ms)}, at {clockSeconds(proof.at)}
        </span>
      </div>
      {proof.warning ? (
        <p className={classes.warning} role="note">
          <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
          <span>Warning: {proof.warning}</span>
        </p>
      ) : null}
      <Asked input={proof.input} />
      <div className={classes.answer}>
        <Code snippet={{ label: 'Answer', language: 'json', code: compactJson(proof.output) }} />
      </div>
    </div>
  );
}

function Asked({ input }: { input: unknown }) {
  const data = typeof input === 'string' && input.startsWith('data:') ? input : null;
  if (data?.startsWith('data:image/')) {
    return <img className={classes.image} src={data} alt="Request details" />;
  }
  if (data !== null) return <p className={classes.time}>The request contained audio.</p>;
  return (
    <div className={classes.answer}>
      <Code snippet={{ label: 'Request', language: 'json', code: compactJson(input) }} />
    </div>
  );
}
