import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Preflight, Source } from '@/api/types';
import type { Fact } from '@/components/ui/Facts';
import { Facts } from '@/components/ui/Facts';
import { formatBytes, formatMemory, splitModelId } from '@/lib/format';
import { useWizard, type Wizard } from '../context';
import { linkTo } from '../links';
import { Address } from '../settings/Address';
import { idleOf } from '../settings/SettingsAside';
import { type ChosenModel, SCREEN_LABEL, type Screen } from '../state';
import classes from './Manifest.module.css';

const auto = (value: string): string => (value === 'auto' ? 'Automatic' : value);

/** Everything that was chosen, each block with the way back to it. */
export function Manifest() {
  const wizard = useWizard();
  const { model } = wizard.state;
  if (!model) return null;
  return (
    <section className={classes.card} aria-label="What will be deployed">
      <div className={classes.block}>
        <Address />
        {expectations(wizard.preflight).map((line) => (
          <p key={line} className={classes.small}>
            {line}
          </p>
        ))}
      </div>
      <Block screen="model" facts={modelFacts(wizard, model)} />
      <Block screen="hardware" facts={hardwareFacts(wizard)} />
      <Block screen="dependencies" facts={dependencyFacts(wizard)} />
      <Block screen="settings" facts={settingFacts(wizard)} />
    </section>
  );
}

const FROM: Record<Source, string> = {
  hub: 'The Hub',
  starter: 'The starters',
  local: 'A local folder',
};

const modelFacts = ({ detail }: Wizard, model: ChosenModel): Fact[] => [
  ['Id', splitModelId(model.id).name],
  ['Task', model.task ?? detail?.task ?? 'Unknown'],
  ['From', FROM[model.source]],
];

function hardwareFacts({ state, preflight }: Wizard): Fact[] {
  const { hardware } = state;
  const needed = preflight?.estimated_memory_bytes ?? null;
  return [
    ['Device', auto(hardware.device)],
    ['Format', auto(hardware.dtype)],
    ['Quantization', hardware.quantization === 'none' ? null : hardware.quantization],
    ['Workers', hardware.workers === 1 ? null : hardware.workers],
    ['Memory', memoryOf(needed, hardware.memory_limit_gb)],
  ];
}

const dependencyFacts = ({ state, detail }: Wizard): Fact[] => [
  ['Install', [...new Set([...state.extras, ...(detail?.needs ?? [])])].join(', ') || 'Nothing'],
  ['Allowed', allowedOf(state.allow)],
];

function settingFacts({ state, name, system }: Wizard): Fact[] {
  const { serving } = state;
  const needsKey = serving.require_api_key ?? system?.exposure.api_key_required ?? false;
  return [
    ['Name', name],
    ['Port', serving.port ?? 'Automatic'],
    ['API key', needsKey ? 'Required' : 'Not required'],
    ['Idle', idleOf(serving.idle_timeout_seconds)],
  ];
}

function expectations(preflight: Preflight | undefined): string[] {
  const download = preflight?.download_bytes ?? 0;
  const speed = preflight?.expected_speed;
  return [
    download > 0 ? `${formatBytes(download)} to download` : null,
    speed ? `Expected: ${speed}` : null,
  ].filter((line) => line !== null);
}

const allowedOf = (allow: { remote_code: boolean; pickle: boolean }): ReactNode =>
  [allow.remote_code && 'its own code', allow.pickle && 'unrestricted pickle weights']
    .filter(Boolean)
    .join(', ') || null;

const memoryOf = (needed: number | null, limit: number | null): string | null => {
  const parts = [
    needed === null ? null : `${formatMemory(needed)} estimated`,
    limit === null ? null : `limit ${limit} GB`,
  ].filter((part) => part !== null);
  return parts.join(', ') || null;
};

function Block({ screen, facts }: { screen: Exclude<Screen, 'review'>; facts: readonly Fact[] }) {
  const { state } = useWizard();
  const label = SCREEN_LABEL[screen];
  return (
    <div className={classes.block}>
      <div className={classes.head}>
        <h2 className={classes.title}>{label}</h2>
        <Link to={`${linkTo(screen, state.model)}`} aria-label={`Change ${label.toLowerCase()}`}>
          Change
        </Link>
      </div>
      <Facts facts={facts} termWidth={70} />
    </div>
  );
}
