/** From the fields of the form to what the API takes. */
import type { LoadTestBody } from '@/api/types';

export type Input = 'sample' | 'json' | 'file';

export interface Form {
  /** Null: the field is empty. */
  concurrency: number | null;
  seconds: number | null;
  input: Input;
  json: string;
  file: File | null;
}

export const FIRST: Form = { concurrency: 8, seconds: 10, input: 'sample', json: '', file: null };

type Bodies = Record<string, unknown>[];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One request body, or a list of them. Throws an Error that tells what is wrong. */
export function bodiesOf(text: string): Bodies {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error('This is not valid JSON.');
  }
  const list: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (list.length === 0) throw new Error('The list is empty.');
  if (!list.every(isObject)) throw new Error('Each request body must be a JSON object.');
  return list;
}

/** Why the form cannot be sent; null if it can. */
export function formProblem({ concurrency, seconds, input, json, file }: Form): string | null {
  if (concurrency === null) return 'Enter the concurrency.';
  if (seconds === null) return 'Enter the duration.';
  if (input === 'sample') return null;
  if (input === 'file') return file === null ? 'Choose a file.' : null;
  try {
    bodiesOf(json);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(reader.error ?? new Error('The file could not be read.'));
    reader.readAsDataURL(file);
  });
}

export async function bodyOf(form: Form): Promise<LoadTestBody> {
  const { concurrency, seconds, input, json, file } = form;
  const load = { ...(concurrency && { concurrency }), ...(seconds && { seconds }) };
  if (input === 'json') return { ...load, inputs: bodiesOf(json) };
  if (input !== 'file' || file === null) return load;
  return { ...load, file: { content_type: file.type, content: await base64Of(file) } };
}
