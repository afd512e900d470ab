import type { ComponentType } from 'react';
import type { Deployment, Task } from '@/api/types';
import type { ServerInfo } from './info';

/** Props of every task view: a running deployment, its entry in GET /tasks, and the server's /info. */
export interface ViewProps {
  deployment: Deployment;
  task: Task;
  info: ServerInfo | undefined;
}

export type View = ComponentType<ViewProps>;
