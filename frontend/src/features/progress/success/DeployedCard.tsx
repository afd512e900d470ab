import { Card } from '@mantine/core';
import type { DeployedModel, Deployment, MemoryUse } from '@/api/types';
import { type Fact, Facts } from '@/components/ui/Facts';
import { exactBytes, formatBytes, formatParameters } from '@/lib/format';
import classes from './DeployedCard.module.css';
import { runsAs } from './receipt';

const SOURCES = { hub: 'Hugging Face Hub', starter: 'Ships with Slipway', local: 'Local folder' };

const modelFacts = (model: DeployedModel): Fact[] => [
  ['Model', model.id],
  ['Source', SOURCES[model.source]],
  ['Commit', <Commit key="commit" value={model.commit} />],
  ['Base model', model.base ? <Pinned key="base" of={model.base} /> : null],
  ['Vocoder', model.vocoder ? <Pinned key="vocoder" of={model.vocoder} /> : null],
  ['Task', model.task],
  ['Size', <Size key="size" model={model} />],
  ['Licence', licenseOf(model)],
];

function licenseOf({ license, base, vocoder }: DeployedModel): string | null {
  const own = license ?? 'not specified';
  if (base) return `${own}; base model ${base.license ?? 'not specified'}`;
  return vocoder ? `${own}; vocoder ${vocoder.license ?? 'not specified'}` : license;
}

const Pinned = ({ of }: { of: NonNullable<DeployedModel['base']> }) => (
  <>
    {of.id} at <Commit value={of.commit} />
  </>
);

/** What stands behind the endpoint. */
export function DeployedCard({ deployment }: { deployment: Deployment }) {
  const { model, receipt, memory, result } = deployment;
  const facts: Fact[] = [
    ...(model ? modelFacts(model) : []),
    ['Runs as', receipt ? runsAs(receipt) : result?.model_info.device],
    ['Memory', memory ? <Memory key="memory" use={memory} /> : null],
  ];
  return (
    <Card>
      <h2 className={classes.title}>Deployed model</h2>
      <Facts facts={facts} termWidth={70} />
    </Card>
  );
}

const Commit = ({ value }: { value: string }) => (
  <code className={classes.commit} title={value}>
    {value.slice(0, 12)}
  </code>
);

const Size = ({ model: { bytes, parameters } }: { model: DeployedModel }) => (
  <span title={exactBytes(bytes)}>
    {formatBytes(bytes)}
    {parameters === null ? null : `, ${formatParameters(parameters)} parameters`}
  </span>
);

function Memory({ use }: { use: MemoryUse }) {
  const { measured_bytes: measured, estimated_bytes: estimated } = use;
  const parts = [
    measured === null ? null : `${formatBytes(measured)} measured`,
    estimated === null ? null : `${formatBytes(estimated)} estimated`,
  ].filter(Boolean);
  return (
    <span title={exactBytes(measured ?? estimated ?? 0)}>{parts.join(', ') || 'unknown'}</span>
  );
}
