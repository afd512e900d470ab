import { IconAlertCircle } from '@tabler/icons-react';
import { apiUrl } from '@/api/client';
import { currentKey } from '@/api/key';
import type { Preflight } from '@/api/types';
import { CodePanel } from '@/components/ui/CodePanel';
import { RowsSkeleton } from '@/components/ui/Skeletons';
import { plural } from '@/lib/format';
import { useWizard } from '../context';
import { Notice } from '../frame/Notice';
import { Screen } from '../frame/Screen';
import { curlFor } from './curl';
import classes from './DeploymentSummary.module.css';
import { Manifest } from './Manifest';
import { PreflightList } from './PreflightList';

/** The verdict, then what is not ok, then exactly what Deploy sends. */
export function DeploymentSummary() {
  const { preflight, preflightProblem } = useWizard();
  const { title, lead } = verdictOf(preflight, preflightProblem !== null);
  return (
    <Screen title={title} lead={lead} aside={<Manifest />}>
      {preflightProblem ? (
        <Notice
          tone="bad"
          icon={IconAlertCircle}
          title={preflightProblem.title}
          text={`${preflightProblem.detail} ${preflightProblem.remedy}`}
        />
      ) : null}
      {preflight ? <PreflightList preflight={preflight} /> : null}
      {preflight || preflightProblem ? null : <RowsSkeleton rows={8} height={40} />}
      <Requests />
    </Screen>
  );
}

export function verdictOf(
  preflight: Preflight | undefined,
  hasFailed: boolean,
): { title: string; lead: string } {
  if (!preflight) {
    return hasFailed
      ? {
          title: 'Preflight failed',
          lead: 'You can deploy anyway: the validate step runs the checks again.',
        }
      : { title: 'Checking', lead: 'Checking the model against this machine.' };
  }
  const count = (verdict: string) =>
    preflight.items.filter((one) => one.verdict === verdict).length;
  const [ok, warn, block] = [count('ok'), count('warn'), count('block')];
  const passed = `${plural(ok, 'check')} passed`;
  const known = warn > 0 ? `, ${warn} with warnings` : '';
  return preflight.verdict === 'block'
    ? {
        title: 'Not ready to launch',
        lead: `${plural(block, 'problem')} to resolve. ${passed}${known}.`,
      }
    : {
        title: 'Ready to launch',
        lead: `${passed}${known}. Nothing starts until you press Deploy.`,
      };
}

function Requests() {
  const { body, system } = useWizard();
  if (!body) return null;
  const url = new URL(apiUrl('/deployments'), window.location.href).href;
  const wantsKey = currentKey() !== null || (system?.exposure.api_key_required ?? false);
  return (
    <CodePanel
      className={classes.code}
      snippets={[
        { label: 'curl', code: curlFor(url, body, wantsKey), language: 'bash' },
        { label: 'POST body', code: JSON.stringify(body, null, 2), language: 'json' },
      ]}
    />
  );
}
