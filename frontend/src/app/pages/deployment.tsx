import { Evidence } from '@/app/Evidence';
import { DeploymentPage } from '@/features/deployments/DeploymentPage';
import { Playground } from '@/features/playground/Playground';

/** The tabs of a deployment; the playground and the evidence are other features, so they meet here. */
export function Component() {
  return <DeploymentPage playground={<Playground />} Evidence={Evidence} />;
}
