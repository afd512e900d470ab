import { NumberInput } from '@mantine/core';
import { useWizard } from '../context';
import { numberOrNull } from '../hardware/HardwareConfig';

/** Automatic, or one of the range; the answer comes while one types. */
export function PortField() {
  const { state, dispatch, system, deployments, preflight, isChecking } = useWizard();
  const { port } = state.serving;
  const first = Number(system?.limits.port_start) || null;
  const last = Number(system?.limits.port_end) || null;
  const owner = deployments.find((one) => one.port !== null && one.port === port);
  const judged = preflight?.items.find((item) => item.code === 'port');
  const problem = owner
    ? `${owner.name} uses port ${port}.`
    : judged?.verdict === 'block' && port !== null && !isChecking
      ? judged.detail
      : null;
  return (
    <NumberInput
      label="Port"
      description={
        first && last
          ? `From ${first} to ${last}, or empty for a free one.`
          : 'Empty for a free one.'
      }
      placeholder="Automatic"
      min={1}
      max={65_535}
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator={false}
      clampBehavior="none"
      value={port ?? ''}
      error={problem}
      onChange={(value) => dispatch({ type: 'setServing', changes: { port: numberOrNull(value) } })}
    />
  );
}
