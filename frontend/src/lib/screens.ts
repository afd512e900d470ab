/** The wizard's screens by their addresses, and which of them mends which problem. */

export const SCREENS = ['model', 'hardware', 'dependencies', 'settings', 'review'] as const;
export type Screen = (typeof SCREENS)[number];

/** By the problem's code; never by its text. */
export const SCREEN_OF: Readonly<Partial<Record<string, Screen>>> = {
  'model-not-found': 'model',
  'revision-not-found': 'model',
  'model-gated': 'model',
  'hub-unauthorized': 'model',
  'hub-offline': 'model',
  'model-too-large': 'model',
  'unsafe-repository': 'model',
  'corrupt-model': 'model',
  'missing-files': 'model',
  'task-not-served': 'model',
  'model-not-supported': 'model',
  'unsupported-format': 'model',
  'unknown-task': 'model',
  'load-failed': 'model',
  'not-enough-memory': 'hardware',
  'model-out-of-memory': 'hardware',
  'unsupported-option': 'hardware',
  'server-died': 'hardware',
  'crash-loop': 'hardware',
  'verify-failed': 'hardware',
  'unsafe-format': 'dependencies',
  'remote-code': 'dependencies',
  'missing-library': 'dependencies',
  'name-taken': 'settings',
  'port-taken': 'settings',
  'no-free-port': 'settings',
};
