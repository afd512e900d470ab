/** Local times for people; the exact UTC goes into a title. */

export const exactUtc = (at: string): string => `${new Date(at).toISOString().replace('T', ' ')}`;

export const clock = (at: string): string =>
  new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

export const clockSeconds = (at: string): string => new Date(at).toLocaleTimeString('en-GB');

const startOfDay = (date: Date): number =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** "17:40", "yesterday, 17:40", "3 Oct, 17:40". */
export function whenLocal(at: string, now: Date = new Date()): string {
  const date = new Date(at);
  const days = Math.round((startOfDay(now) - startOfDay(date)) / 86_400_000);
  if (days === 0) return clock(at);
  if (days === 1) return `yesterday, ${clock(at)}`;
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  return `${day}, ${clock(at)}`;
}

export const secondsSince = (at: string, now: Date = new Date()): number =>
  Math.max(0, (now.getTime() - new Date(at).getTime()) / 1000);
