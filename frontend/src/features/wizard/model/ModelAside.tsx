import { Select, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconExternalLink } from '@tabler/icons-react';
import { useTasks } from '@/api/queries';
import type { ModelDetail } from '@/api/types';
import { Facts } from '@/components/ui/Facts';
import { Bytes } from '@/components/ui/Quantity';
import { parametersInWords, splitModelId } from '@/lib/format';
import { useWizard } from '../context';
import { Notice } from '../frame/Notice';
import { FitBox } from './FitBox';
import { GatedNotice } from './GatedNotice';
import classes from './ModelAside.module.css';

/** The chosen model in full. */
export function ModelAside() {
  const { state, detail, detailProblem } = useWizard();
  if (state.model === null) return null;
  const { owner, name } = splitModelId(state.model.id);
  return (
    <section className={classes.card} aria-label="The chosen model">
      <p className={classes.owner}>
        {state.model.source === 'starter' ? 'Starter' : (owner ?? 'Local')}
      </p>
      <h2 className={classes.name}>{detail?.source === 'starter' ? detail.title : name}</h2>
      {detail?.description ? <p className={classes.description}>{detail.description}</p> : null}
      {detailProblem ? (
        <Notice
          tone="bad"
          icon={IconAlertTriangle}
          title={detailProblem.title}
          text={`${detailProblem.detail} ${detailProblem.remedy}`}
        />
      ) : null}
      {detail ? <Known detail={detail} /> : detailProblem ? null : <Coming />}
    </section>
  );
}

const Coming = () => (
  <>
    <Skeleton height={90} my={14} />
    <Skeleton height={150} />
  </>
);

function Known({ detail }: { detail: ModelDetail }) {
  return (
    <>
      <FitBox fit={detail.fit} />
      {detail.gated ? <GatedNotice detail={detail} /> : null}
      {detail.note ? <p className={classes.note}>{detail.note}</p> : null}
      <Facts facts={factsOf(detail)} />
      {detail.task === null ? <TaskChoice /> : null}
      {detail.page ? (
        <a className={classes.link} href={detail.page} target="_blank" rel="noreferrer noopener">
          Model card on the Hub <IconExternalLink size={14} stroke={1.75} aria-hidden />
        </a>
      ) : null}
    </>
  );
}

const factsOf = (detail: ModelDetail) =>
  [
    ['Task', detail.task ?? 'Not specified'],
    ['Parameters', detail.parameters === null ? null : parametersInWords(detail.parameters)],
    ['Download', downloadOf(detail)],
    ['Base model', detail.base ? <Pinned key="base" of={detail.base} /> : null],
    ['Vocoder', detail.vocoder ? <Pinned key="vocoder" of={detail.vocoder} /> : null],
    ['Licence', licenseOf(detail)],
    ['Files', filesOf(detail)],
    ['Access', accessOf(detail)],
    [
      'Revision',
      detail.commit ? (
        <>
          {detail.revision === detail.commit ? 'Pinned' : detail.revision} at{' '}
          <code className={classes.commit} title={detail.commit}>
            {detail.commit.slice(0, 7)}
          </code>
        </>
      ) : (
        detail.revision
      ),
    ],
  ] as const;

function licenseOf({ license, base, vocoder }: ModelDetail): string {
  const own = license ?? 'Not specified';
  if (base) return `${own}; base model: ${base.license ?? 'not specified'}`;
  return vocoder ? `${own}; vocoder: ${vocoder.license ?? 'not specified'}` : own;
}

const Pinned = ({ of }: { of: NonNullable<ModelDetail['base']> }) => (
  <>
    {of.id} at{' '}
    <code className={classes.commit} title={of.commit}>
      {of.commit.slice(0, 7)}
    </code>
  </>
);

function downloadOf(detail: ModelDetail) {
  if (detail.source === 'starter') return 'None, ships with Slipway';
  if (detail.source === 'local') return 'None, already on this machine';
  return detail.download_bytes === null ? 'Size unknown' : <Bytes value={detail.download_bytes} />;
}

const filesOf = (detail: ModelDetail): string =>
  `${detail.formats.join(', ') || 'Unknown'}, ${codeOf(detail)}`;

function codeOf(detail: ModelDetail): string {
  if (detail.needs_remote_code) return 'custom code';
  return detail.has_code ? 'custom code, not used' : 'no custom code';
}

const accessOf = (detail: ModelDetail): string | null => {
  if (detail.source !== 'hub' && detail.source !== 'cached') return null;
  return detail.gated ? 'Gated: request access from the authors' : 'Public, no token required';
};

/** Where a model does not tell its task, a person may. */
function TaskChoice() {
  const { state, dispatch } = useWizard();
  const tasks = useTasks().data?.filter((task) => task.served) ?? [];
  return (
    <Select
      label="Task"
      description="The repository does not specify a task."
      placeholder="Choose a task"
      mt="md"
      data={tasks.map((task) => ({ value: task.name, label: task.title }))}
      value={state.model?.task ?? null}
      onChange={(task) => dispatch({ type: 'setTask', task })}
    />
  );
}
