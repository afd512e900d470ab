/** Names and ids as the API takes them; the rules are those of backend/domain/text.py. */

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;
const MODEL_ID = /^[A-Za-z0-9](?:[\w.-]*\w)?(?:\/[A-Za-z0-9](?:[\w.-]*\w)?)?$/;
const SYSTEM_PATHS = new Set(['datasets', 'spaces', 'docs', 'papers', 'blog', 'collections']);

export function nameProblem(name: string, taken: ReadonlySet<string>): string | null {
  if (name.startsWith('dep_')) return 'A name cannot start with dep_, the prefix of ids.';
  if (!NAME.test(name)) {
    return 'Use lower-case letters, digits, dots, dashes and underscores, at most 63 characters. Start and end with a letter or digit.';
  }
  if (taken.has(name)) return `A deployment named ${name} already exists.`;
  return null;
}

/** A free name from the model's: "Qwen/Qwen2.5-1.5B-Instruct" → "qwen2.5-1.5b-instruct". */
export function suggestName(modelId: string, taken: ReadonlySet<string>): string {
  const last = modelId.slice(modelId.lastIndexOf('/') + 1).toLowerCase();
  const clean = last.replace(/[^a-z0-9._-]/g, '-').slice(0, 56);
  const base = clean.replace(/^[._-]+|[._-]+$/g, '').replace(/^dep_/, '') || 'model';
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(name)) return name;
  }
}

export interface PastedModel {
  id: string;
  revision: string;
}

/** A Hub address or an `owner/name`; null for anything that is a search. */
export function parsePasted(text: string): PastedModel | null {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) return parseAddress(trimmed);
  const bare = trimmed.replace(/^hf\.co\//, '').replace(/^huggingface\.co\//, '');
  return bare.includes('/') && isModelId(bare) ? { id: bare, revision: 'main' } : null;
}

function parseAddress(text: string): PastedModel | null {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return null;
  }
  const [owner, name, kind, ...rest] = url.pathname.split('/').filter(Boolean);
  if (!owner || SYSTEM_PATHS.has(owner)) return null;
  const id = name ? `${owner}/${name}` : owner;
  if (!isModelId(id)) return null;
  const isPinned = (kind === 'tree' || kind === 'blob' || kind === 'commit') && rest[0];
  return { id, revision: isPinned ? decodeURIComponent(rest[0] ?? 'main') : 'main' };
}

const isModelId = (id: string): boolean =>
  id.length <= 96 && MODEL_ID.test(id) && !/--|\.\.|\.git$/.test(id);
