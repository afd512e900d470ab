import { Navigate, useParams } from 'react-router';
import { asProblem } from '@/api/problem';
import { useDeployment } from '@/api/queries';
import type { Deployment } from '@/api/types';
import { PageSkeleton } from '@/components/ui/Skeletons';
import { DeploymentHeader } from './DeploymentHeader';
import { LoadTestTab } from './loadtest/LoadTestTab';
import { LogsTab } from './logs/LogsTab';
import { Missing } from './Missing';
import { MetricsTab } from './metrics/MetricsTab';
import { Overview } from './overview/Overview';
import type { Parts } from './parts';
import { SettingsTab } from './settings/SettingsTab';
import { isTab, type Tab, TabBar } from './TabBar';

/** A deployment and its six tabs. The address names the tab, so it survives a reload. */
export function DeploymentPage(parts: Parts) {
  const { id = '', tab = 'overview' } = useParams();
  const { data: deployment, error } = useDeployment(id);
  if (!isTab(tab)) return <Navigate to={`/deployments/${encodeURIComponent(id)}`} replace />;
  if (!deployment && error) return <Missing id={id} problem={asProblem(error)} />;
  if (!deployment) return <PageSkeleton />;
  return (
    <>
      <DeploymentHeader deployment={deployment} tab={tab} />
      <TabBar id={id} />
      <Body tab={tab} deployment={deployment} {...parts} />
    </>
  );
}

function Body({
  tab,
  deployment,
  playground,
  Evidence,
}: Parts & { tab: Tab; deployment: Deployment }) {
  switch (tab) {
    case 'overview':
      return <Overview deployment={deployment} Evidence={Evidence} />;
    case 'playground':
      return playground;
    case 'metrics':
      return <MetricsTab deployment={deployment} />;
    case 'load-test':
      return <LoadTestTab deployment={deployment} />;
    case 'logs':
      return <LogsTab deployment={deployment} />;
    case 'settings':
      return <SettingsTab deployment={deployment} />;
  }
}
