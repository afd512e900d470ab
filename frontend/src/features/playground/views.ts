import { type ComponentType, lazy } from 'react';
import type { Deployment, Task } from '@/api/types';
import type { ServerInfo } from './info';

/** What every view gets: a deployment that answers, its task's row, and what its server tells. */
export interface ViewProps {
  deployment: Deployment;
  task: Task;
  info: ServerInfo | undefined;
}

export type View = ComponentType<ViewProps>;

/** One file per task; a new task adds its line here, and until then it gets the JSON view. */
const VIEWS: Readonly<Record<string, View>> = {
  'text-classification': lazy(() => import('./views/TextClassification')),
  'token-classification': lazy(() => import('./views/TokenClassification')),
  'fill-mask': lazy(() => import('./views/FillMask')),
  'feature-extraction': lazy(() => import('./views/FeatureExtraction')),
  'text-generation': lazy(() => import('./views/TextGeneration')),
  'image-classification': lazy(() => import('./views/ImageClassification')),
  'audio-classification': lazy(() => import('./views/AudioClassification')),
};

const JsonView: View = lazy(() => import('./views/JsonView'));

export const viewOf = (task: string): View => VIEWS[task] ?? JsonView;
