/** A table as lines of text, the way it comes out of a spreadsheet. */

export type Columns = Readonly<Record<string, readonly string[]>>;

export interface Grid {
  header: readonly string[];
  rows: readonly (readonly string[])[];
}

/** A tab where there is one, else commas; nothing is quoted. */
export function gridOf(text: string): Grid {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const mark = lines[0]?.includes('\t') ? '\t' : ',';
  const [header = [], ...rows] = lines.map((line) => line.split(mark).map((cell) => cell.trim()));
  return { header, rows: rows.map((row) => header.map((_, column) => row[column] ?? '')) };
}

export const columnsOf = ({ header, rows }: Grid): Columns =>
  Object.fromEntries(header.map((name, column) => [name, rows.map((row) => row[column] ?? '')]));

export function textOf(columns: Columns): string {
  const names = Object.keys(columns);
  const count = Math.max(0, ...names.map((name) => columns[name]?.length ?? 0));
  const rows = Array.from({ length: count }, (_, row) =>
    names.map((name) => columns[name]?.[row] ?? '').join(', '),
  );
  return [names.join(', '), ...rows].join('\n');
}
