/** Answers of the tasks, read from JSON that nobody vouches for. Null: not of this shape. */

export interface Label {
  label: string;
  score: number;
}

export interface Entity {
  label: string;
  score: number;
  word: string;
  start: number | null;
  end: number | null;
}

export interface Filled {
  word: string;
  score: number;
  sequence: string;
}

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isNumber = (value: unknown): value is number => typeof value === 'number';
export const isText = (value: unknown): value is string => typeof value === 'string';

export function listOf<T>(value: unknown, read: (one: unknown) => T | null): T[] | null {
  if (!Array.isArray(value)) return null;
  const found = value.map(read).filter((one) => one !== null);
  return found.length === value.length ? found : null;
}

const readLabel = (one: unknown): Label | null =>
  isFields(one) && isText(one.label) && isNumber(one.score)
    ? { label: one.label, score: one.score }
    : null;

const byScore = <T extends { score: number }>(list: T[]): T[] =>
  [...list].sort((a, b) => b.score - a.score);

/** Best first. `[[{label, score}]]` and `[{label, score}]` are both in use. */
export function readLabels(json: unknown): Label[] | null {
  const nested = Array.isArray(json) && Array.isArray(json[0]) ? json[0] : json;
  const labels = listOf(nested, readLabel);
  return labels && byScore(labels);
}

function readEntity(one: unknown): Entity | null {
  if (!isFields(one)) return null;
  const label = one.entity_group ?? one.entity;
  if (!isText(label) || !isNumber(one.score) || !isText(one.word)) return null;
  const [start, end] = [one.start, one.end].map((at) => (isNumber(at) ? at : null));
  return { label, score: one.score, word: one.word, start: start ?? null, end: end ?? null };
}

export const readEntities = (json: unknown): Entity[] | null => listOf(json, readEntity);

const readFilled = (one: unknown): Filled | null =>
  isFields(one) && isText(one.token_str) && isNumber(one.score) && isText(one.sequence)
    ? { word: one.token_str.trim(), score: one.score, sequence: one.sequence }
    : null;

const TEXTS = ['generated_text', 'summary_text', 'translation_text', 'text', 'answer'] as const;

/** What a model wrote, in whichever field its task has it. */
export function readText(json: unknown): string | null {
  const one = Array.isArray(json) ? json[0] : json;
  if (!isFields(one)) return isText(one) ? one : null;
  const name = TEXTS.find((field) => isText(one[field]));
  return name === undefined ? null : (one[name] as string);
}

/** Words for each gap, in the order of the gaps. */
export function readFills(json: unknown): Filled[][] | null {
  const nested = Array.isArray(json) && !Array.isArray(json[0]) ? [json] : json;
  return listOf(nested, (gap) => listOf(gap, readFilled));
}

export const readVectors = (json: unknown): number[][] | null =>
  listOf(json, (row) => listOf(row, (one) => (isNumber(one) ? one : null)));

/** Of each text an embedding for each of its tokens, as multi-vector encoders return them. */
export const readTokenVectors = (json: unknown): number[][][] | null => listOf(json, readVectors);

/** Of each token of the one text the best similarity to a token of the other, as a mean. */
export function lateInteraction(a: readonly number[][], b: readonly number[][]): number {
  const best = a.map((token) => Math.max(...b.map((other) => cosine(token, other))));
  return best.length === 0 || b.length === 0 ? 0 : best.reduce((sum, x) => sum + x) / best.length;
}

export function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [index, x] of a.entries()) {
    const y = b[index] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

export interface Span {
  text: string;
  entity: Entity | null;
}

/** The text cut at its entities. Offsets count characters as Python does, so not UTF-16 units. */
export function spansOf(text: string, entities: readonly Entity[]): Span[] {
  const letters = Array.from(text);
  const cut = (from: number, to?: number) => letters.slice(from, to).join('');
  const spans: Span[] = [];
  let at = 0;
  const placed = entities
    .filter((one) => one.start !== null && one.end !== null)
    .sort((a, b) => (a.start ?? 0) - (b.start ?? 0));
  for (const entity of placed) {
    const [start, end] = [entity.start ?? 0, entity.end ?? 0];
    if (start < at || end <= start) continue;
    if (start > at) spans.push({ text: cut(at, start), entity: null });
    spans.push({ text: cut(start, end), entity });
    at = end;
  }
  if (at < letters.length) spans.push({ text: cut(at), entity: null });
  return spans;
}

/** "POSITIVE" and "LABEL_1" for people; a label that is written with care stays as it is. */
export function labelText(label: string): string {
  if (!/^[A-Z][A-Z_ -]+$/.test(label) || label.length < 4) return label;
  const words = label.replaceAll('_', ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
