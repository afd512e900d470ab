import { NumberInput, SegmentedControl, TextInput } from '@mantine/core';
import { useWizard } from '../context';
import { Screen } from '../frame/Screen';
import { numberOrNull } from '../hardware/HardwareConfig';
import { nameProblem } from '../names';
import classes from './DeploymentConfig.module.css';
import { EnvEditor } from './EnvEditor';
import { PortField } from './PortField';
import { SettingsAside } from './SettingsAside';

type KeyChoice = 'server' | 'yes' | 'no';
const KEY_CHOICE = { server: null, yes: true, no: false } as const;
const choiceOf = (value: boolean | null): KeyChoice =>
  value === null ? 'server' : value ? 'yes' : 'no';

export function DeploymentConfig() {
  const { state, dispatch, name, deployments, system } = useWizard();
  const { serving } = state;
  const taken = new Set(deployments.map((one) => one.name));
  const set = (changes: Partial<typeof serving>) => dispatch({ type: 'setServing', changes });
  const asServer = system?.exposure.api_key_required ? 'required' : 'not required';
  return (
    <Screen
      title="How should it be served?"
      lead="All settings are optional."
      aside={<SettingsAside />}
    >
      <div className={classes.fields}>
        <TextInput
          label="Name"
          description="Part of the URL; unique on this machine."
          placeholder={name ?? ''}
          autoComplete="off"
          spellCheck={false}
          maxLength={63}
          value={state.name ?? ''}
          error={state.name ? nameProblem(state.name, taken) : null}
          onChange={(event) =>
            dispatch({ type: 'setName', name: event.currentTarget.value || null })
          }
        />
        <PortField />
        <NumberInput
          label="Maximum batch size"
          description="Maximum number of inputs in one batch."
          placeholder="Automatic"
          min={1}
          max={1024}
          allowDecimal={false}
          clampBehavior="strict"
          value={serving.max_batch_size ?? ''}
          onChange={(value) => set({ max_batch_size: numberOrNull(value) })}
        />
        <NumberInput
          label="Maximum queue length"
          description="When the queue is full, requests are rejected with 429 and Retry-After."
          min={1}
          max={100_000}
          allowDecimal={false}
          clampBehavior="strict"
          value={serving.max_queue}
          onChange={(value) => set({ max_queue: numberOrNull(value) ?? 256 })}
        />
        <NumberInput
          label="Sleep after"
          description="Minutes without requests. The deployment then sleeps until you resume it."
          placeholder="Never"
          suffix=" min"
          min={1}
          allowDecimal={false}
          value={serving.idle_timeout_seconds === null ? '' : serving.idle_timeout_seconds / 60}
          onChange={(value) => {
            const minutes = numberOrNull(value);
            set({ idle_timeout_seconds: minutes === null ? null : Math.round(minutes * 60) });
          }}
        />
        <div>
          <p className={classes.label} id="key-label">
            API key
          </p>
          <SegmentedControl
            className={classes.choice ?? ''}
            aria-labelledby="key-label"
            data={[
              { value: 'server', label: 'Server default' },
              { value: 'yes', label: 'Required' },
              { value: 'no', label: 'Open' },
            ]}
            value={choiceOf(serving.require_api_key)}
            onChange={(value) => set({ require_api_key: KEY_CHOICE[value as KeyChoice] })}
          />
          <p className={classes.description}>Server default: {asServer}.</p>
        </div>
      </div>
      <EnvEditor env={serving.env} onChange={(env) => set({ env })} />
    </Screen>
  );
}
