/** Numbers for people. Decimal units, three significant digits; the exact value goes into a title. */

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Three significant digits, without an exponent. */
function three(value: number): string {
  if (value === 0) return '0';
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.min(2, Math.max(0, 3 - whole)));
}

export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // 999.5 would round to "1000"; it belongs to the next unit.
  while (Math.abs(value) >= (unit === 0 ? 1000 : 999.5) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 ? String(Math.round(value)) : three(value);
  return `${digits} ${BYTE_UNITS[unit]}`;
}

export const exactBytes = (bytes: number): string => `${bytes.toLocaleString('en')} bytes`;

/** "3.8": gigabytes with one decimal, for columns of numbers that are compared. */
export const inGb = (bytes: number): string => (bytes / 1e9).toFixed(1);

/** "3.8 GB", or megabytes below a tenth of it, where one decimal would say nothing. */
export const formatMemory = (bytes: number): string =>
  bytes > 0 && bytes < 1e8 ? formatBytes(bytes) : `${bytes === 0 ? 0 : inGb(bytes)} GB`;

/** "needs 16.8 GB, 11.0 free" reads best with one unit; small models would all say 0.0. */
export function memoryPair(needed: number, free: number): { needed: string; free: string } {
  return needed < 1e8
    ? { needed: formatBytes(needed), free: `${inGb(free)} GB` }
    : { needed: inGb(needed), free: `${inGb(free)} GB` };
}

export function formatDuration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor((whole % 86_400) / 3600),
    Math.floor((whole % 3600) / 60),
  ];
  if (days >= 2) return `${days} days`;
  if (days > 0) return hours === 0 ? '1 day' : `1 day ${hours} h`;
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** "about 29 s": steps of 1 s below 10, of 5 s below 60, else minutes. */
export function formatEstimate(seconds: number): string {
  if (seconds < 1) return 'about 1 s';
  if (seconds < 10) return `about ${Math.round(seconds)} s`;
  if (seconds < 57.5) return `about ${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `about ${minutes} min`;
  return `about ${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** "40 µs", "1.2 ms", "18 ms", "2.4 s", "1 min 38 s". */
export function formatMs(ms: number): string {
  // 999.5 would round to "1000 ms"; it belongs to the next unit. So does 0.0995.
  if (ms >= 999.5) return formatDuration(ms / 1000);
  if (ms >= 9.95) return `${Math.round(ms)} ms`;
  return ms >= 0.0995 || ms === 0 ? `${ms.toFixed(1)} ms` : `${three(ms * 1000)} µs`;
}

/** "0.4", "9.8", "248", "99,999", "1.25 M": short at any size. */
export function formatCount(count: number): string {
  if (count === 0) return '0';
  if (count < 9.95) return count.toFixed(1);
  return count < 99_999.5 ? Math.round(count).toLocaleString('en') : formatParameters(count);
}

export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** "1.54 B", "362 M": parameters as the field writes them. */
export function formatParameters(count: number): string {
  if (count >= 999.5e6) return `${three(count / 1e9)} B`;
  if (count >= 999.5e3) return `${three(count / 1e6)} M`;
  if (count >= 1000) return `${Math.round(count / 1000)} k`;
  return String(count);
}

export function parametersInWords(count: number): string {
  if (count >= 999.5e6) return `${three(count / 1e9)} billion`;
  if (count >= 999.5e3) return `${three(count / 1e6)} million`;
  return count.toLocaleString('en');
}

export const formatPercent = (share: number, digits = 1): string =>
  `${(share * 100).toFixed(digits).replace(/\.0$/, '')}%`;

/** One failure in a million must not read as none. */
export function formatShare(part: number, all: number): string {
  if (all === 0 || part === 0) return '0';
  if (part / all < 0.0005) return '<0.1%';
  return part < all && part / all >= 0.9995 ? '>99.9%' : formatPercent(part / all);
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** "Qwen/Qwen2.5-1.5B" → ["Qwen", "Qwen2.5-1.5B"]; a bare name has no owner. */
export function splitModelId(id: string): { owner: string | null; name: string } {
  const at = id.indexOf('/');
  return at < 0 ? { owner: null, name: id } : { owner: id.slice(0, at), name: id.slice(at + 1) };
}
