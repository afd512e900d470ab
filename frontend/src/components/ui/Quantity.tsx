import { exactBytes, formatBytes, formatDuration } from '@/lib/format';
import { exactUtc, whenLocal } from '@/lib/time';

/** Humanised, with the exact value on hover. */
export const Bytes = ({ value }: { value: number }) => (
  <span title={exactBytes(value)}>{formatBytes(value)}</span>
);

export const Duration = ({ seconds }: { seconds: number }) => (
  <span title={`${seconds.toFixed(3)} s`}>{formatDuration(seconds)}</span>
);

export const When = ({ at }: { at: string }) => (
  <time dateTime={at} title={exactUtc(at)}>
    {whenLocal(at)}
  </time>
);
