/** A task's JSON Schema as fields of a form. */

interface Common {
  name: string;
  title: string;
  description: string;
}

export type Field =
  | (Common & {
      kind: 'number';
      isInteger: boolean;
      min: number | null;
      max: number | null;
      initial: number | null;
    })
  | (Common & { kind: 'boolean'; initial: boolean | null })
  | (Common & { kind: 'enum'; options: string[]; initial: string | null })
  | (Common & { kind: 'text'; initial: string | null })
  | (Common & { kind: 'texts'; initial: string[] | null });

/** What differs from the defaults; a name that is absent is left to the server. */
export type Values = Readonly<Record<string, unknown>>;
type Schema = Readonly<Record<string, unknown>>;

const asSchema = (value: unknown): Schema =>
  typeof value === 'object' && value !== null ? (value as Schema) : {};

function resolve(schema: Schema, root: Schema): Schema {
  const { $ref: ref } = schema;
  if (typeof ref !== 'string') return schema;
  const found = ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((at, key) => asSchema(at[key]), root);
  return { ...found, ...schema };
}

/** `anyOf [X, null]` is X that may be left open. */
function unwrap(schema: Schema, root: Schema): Schema {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf)) return resolve(schema, root);
  const [only, ...others] = anyOf.map(asSchema).filter((one) => one.type !== 'null');
  return only && others.length === 0 ? { ...resolve(only, root), ...omit(schema) } : schema;
}

function omit({ anyOf: _, ...rest }: Schema): Schema {
  return rest;
}

const propertiesOf = (schema: Schema): Record<string, unknown> =>
  asSchema(schema.properties) as Record<string, unknown>;

/** Whether the parameters lie beside `inputs` and not in an object of their own. */
export const parametersAtRoot = (request: Schema | null): boolean =>
  request !== null && !('parameters' in propertiesOf(request));

export function fieldsOf(request: Schema | null): Field[] {
  if (request === null) return [];
  const own = propertiesOf(request);
  const holder = parametersAtRoot(request)
    ? own
    : propertiesOf(resolve(asSchema(own.parameters), request));
  return Object.entries(holder).flatMap(([name, raw]) => {
    if (name === 'inputs' || name === 'stream') return [];
    const field = fieldOf(name, unwrap(asSchema(raw), request), request);
    return field ? [field] : [];
  });
}

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function fieldOf(name: string, schema: Schema, root: Schema): Field | null {
  const common = {
    name,
    title: titleOf(name),
    description: typeof schema.description === 'string' ? plain(schema.description) : '',
  };
  const initial = schema.default ?? null;
  if (Array.isArray(schema.enum)) {
    const options = schema.enum.filter((one): one is string => typeof one === 'string');
    // One constant, like `best_of: 1`, is nothing to choose.
    if (options.length < 2) return null;
    return { ...common, kind: 'enum', options, initial: initial as string | null };
  }
  if ('const' in schema) return null;
  return byType(common, schema, root);
}

function byType(common: Common, schema: Schema, root: Schema): Field | null {
  const initial = schema.default ?? null;
  switch (schema.type) {
    case 'integer':
    case 'number':
      return {
        ...common,
        kind: 'number',
        isInteger: schema.type === 'integer',
        ...boundsOf(schema),
        initial: initial as number | null,
      };
    case 'boolean':
      return { ...common, kind: 'boolean', initial: initial as boolean | null };
    case 'string':
      return { ...common, kind: 'text', initial: initial as string | null };
    case 'array': {
      const items = resolve(asSchema(schema.items), root);
      const isTexts = items.type === 'string';
      return isTexts ? { ...common, kind: 'texts', initial: initial as string[] | null } : null;
    }
    default:
      return null;
  }
}

/** A bound that is itself excluded moves by one for whole numbers, else by a hundredth. */
function boundsOf(schema: Schema): { min: number | null; max: number | null } {
  const step = schema.type === 'integer' ? 1 : 0.01;
  const above = number(schema.exclusiveMinimum);
  const below = number(schema.exclusiveMaximum);
  return {
    min: above === null ? number(schema.minimum) : above + step,
    max: below === null ? number(schema.maximum) : below - step,
  };
}

const plain = (text: string): string => text.replaceAll('`', '');

export function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The JSON body of a request, with only what was chosen. */
export function bodyOf(
  request: Schema | null,
  inputs: unknown,
  values: Values,
): Record<string, unknown> {
  if (Object.keys(values).length === 0) return { inputs };
  return parametersAtRoot(request) ? { inputs, ...values } : { inputs, parameters: values };
}

/** Values with one changed; a value equal to the default is left out. */
export function withValue(values: Values, field: Field, value: unknown): Values {
  const { [field.name]: _, ...rest } = values;
  const isDefault =
    value === null || value === '' || JSON.stringify(value) === JSON.stringify(field.initial);
  return isDefault ? rest : { ...rest, [field.name]: value };
}
