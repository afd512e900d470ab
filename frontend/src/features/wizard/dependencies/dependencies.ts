import type { System } from '@/api/types';

export interface DependencyRow {
  name: string;
  title: string;
  version: string | null;
  bytes: number | null;
  /** The model asks for it, so it can't be taken off. */
  isNeeded: boolean;
  isChosen: boolean;
}

export interface DependencyGroups {
  present: DependencyRow[];
  install: DependencyRow[];
  missing: DependencyRow[];
  optional: DependencyRow[];
}

const TITLES: Record<string, string> = {
  torch: 'PyTorch',
  transformers: 'Transformers',
  python: 'Python',
  huggingface_hub: 'Hub client',
  tokenizers: 'Tokenizers',
  safetensors: 'safetensors',
  fastapi: 'FastAPI',
  uvicorn: 'Uvicorn',
};
/** Our own version is no dependency of a model. */
const NOT_A_LIBRARY = new Set(['slipway', 'slipway-serve']);

export function groupDependencies(
  system: System,
  needs: readonly string[],
  chosen: readonly string[],
): DependencyGroups {
  const rows = system.extras.map((extra) => ({
    ...extra,
    isNeeded: needs.includes(extra.name),
    isChosen: chosen.includes(extra.name) || needs.includes(extra.name),
  }));
  const known = new Set(rows.map((row) => row.name));
  const base = Object.entries(system.versions)
    .filter(([name, version]) => version && !NOT_A_LIBRARY.has(name))
    .map(([name, version]) => ({
      name,
      title: TITLES[name] ?? name,
      version,
      bytes: null,
      isNeeded: true,
      isChosen: true,
    }));
  return {
    present: [...base, ...rows.filter((row) => row.installed)],
    install: rows.filter((row) => !row.installed && row.isChosen),
    missing: needs
      .filter((name) => !known.has(name))
      .map((name) => ({
        name,
        title: name,
        version: null,
        bytes: null,
        isNeeded: true,
        isChosen: false,
      })),
    optional: rows.filter((row) => !row.installed && !row.isChosen),
  };
}

export const installBytes = (groups: DependencyGroups): number =>
  groups.install.reduce((sum, row) => sum + (row.bytes ?? 0), 0);
