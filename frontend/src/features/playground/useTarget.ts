import { useSystem } from '@/api/queries';
import type { Deployment } from '@/api/types';
import type { CurlTarget } from './requests';

/** Where a terminal sends the same request, past the proxy. */
export function useTarget(deployment: Deployment): CurlTarget {
  const { data: system } = useSystem();
  return {
    endpoint: deployment.endpoint ?? 'http://localhost/predict',
    needsKey:
      deployment.request.serving.require_api_key ?? system?.exposure.api_key_required ?? false,
  };
}
