import type { Field } from '../schema';
import type { Parameters } from '../useParameters';

/** The other parameters: the labels are a field of their own. */
export const withoutLabels = (parameters: Parameters): readonly Field[] =>
  parameters.fields.filter(({ name }) => name !== 'candidate_labels');
