const WIDTH = 76;

/** JSON for reading: what fits on one line stays on one line. */
export function compactJson(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value) ?? 'null';
  if (flat.length + indent.length <= WIDTH || typeof value !== 'object' || value === null) {
    return spaced(flat, value);
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => inner + compactJson(item, inner));
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const pairs = Object.entries(value).map(
    ([name, item]) => `${inner}${JSON.stringify(name)}: ${compactJson(item, inner)}`,
  );
  return `{\n${pairs.join(',\n')}\n${indent}}`;
}

/** `{"a":1,"b":2}` → `{"a": 1, "b": 2}`, without touching what is inside a string. */
function spaced(flat: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return flat;
  return flat.replace(/"(?:\\.|[^"\\])*"|[,:]/g, (part) =>
    part === ',' || part === ':' ? `${part} ` : part,
  );
}
