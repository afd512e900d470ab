import { useSystem } from '@/api/queries';
import type { Deployment, Task } from '@/api/types';
import type { CurlTarget } from './requests';

const FILES: Readonly<Record<string, string>> = { audio: 'answer.wav', image: 'answer.png' };

/** Where a terminal sends the same request, past the proxy. */
export function useTarget(deployment: Deployment, task: Task): CurlTarget {
  const { data: system } = useSystem();
  return {
    endpoint: deployment.endpoint ?? 'http://localhost/predict',
    needsKey:
      deployment.request.serving.require_api_key ?? system?.exposure.api_key_required ?? false,
    saveAs: FILES[task.output ?? 'json'],
  };
}
