import type { DeploymentBody } from '@/api/types';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** JSON on one line, with a space after colon and comma as people write it by hand. */
export function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([name, one]) => `${JSON.stringify(name)}: ${oneLine(one)}`,
  );
  return `{${pairs.join(', ')}}`;
}

export function curlFor(url: string, body: DeploymentBody, wantsKey: boolean): string {
  return [
    `curl -X POST ${url} \\`,
    ...(wantsKey ? [`  -H "Authorization: Bearer $API_KEY" \\`] : []),
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quote(oneLine(body))}`,
  ].join('\n');
}
