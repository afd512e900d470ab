import type { Source } from '@/api/types';
import type { ChosenModel, Screen } from './state';

/** Every screen's address names its model, so that a link works in another tab. */
export function linkTo(screen: Screen | 'expert', model: ChosenModel | null): string {
  if (model === null) return `/deploy/${screen}`;
  const query = new URLSearchParams({ source: model.source, model: model.id });
  if (model.revision !== 'main') query.set('revision', model.revision);
  if (model.task) query.set('task', model.task);
  return `/deploy/${screen}?${query.toString().replaceAll('%2F', '/')}`;
}

const SOURCES: readonly Source[] = ['hub', 'starter', 'local'];

export function linkedModel(query: URLSearchParams): ChosenModel | null {
  const id = query.get('model');
  if (!id) return null;
  const source = SOURCES.find((one) => one === query.get('source')) ?? 'hub';
  return { id, source, revision: query.get('revision') ?? 'main', task: query.get('task') };
}
