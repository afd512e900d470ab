/** The parts of a task's own example, which has the shape of a request. */
import { isFields, isText } from './responses';

export interface Example {
  /** `inputs` where it is an object, else empty. */
  inputs: Readonly<Record<string, unknown>>;
  /** `inputs` where it is a text. */
  text: string;
  parameters: Readonly<Record<string, unknown>>;
}

export function partsOf(example: unknown): Example {
  const body = isFields(example) ? example : {};
  return {
    inputs: isFields(body.inputs) ? body.inputs : {},
    text: isText(body.inputs) ? body.inputs : '',
    parameters: isFields(body.parameters) ? body.parameters : {},
  };
}

export const textIn = (holder: Readonly<Record<string, unknown>>, ...names: string[]): string =>
  names.map((name) => holder[name]).find(isText) ?? '';

export const textsIn = (holder: Readonly<Record<string, unknown>>, name: string): string[] => {
  const found = holder[name];
  return Array.isArray(found) ? found.filter(isText) : [];
};

/** The lines of a text that hold something. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
