import type { ReactElement } from 'react';
import { ReferenceArea } from 'recharts';
import type { LoadTest } from '@/api/types';
import { type Band, bandsOf, labelled } from './bands';
import { COLORS, rowsWithTime } from './chartStyle';
import type { Row } from './series';

/**
 * The intervals of load tests behind a chart. A bar stands for its whole interval; a line has a
 * point at the end of each, so that a band begins one point earlier.
 */
export function loadBands(
  rows: readonly Row[],
  tests: readonly LoadTest[],
  kind: 'bars' | 'lines',
): ReactElement[] {
  const times = rowsWithTime(rows).map(({ time }) => time);
  const bands = bandsOf(rows, tests);
  const withLabel = labelled(bands, rows.length);
  return bands.map((band) => {
    const from = times[kind === 'bars' ? band.first : Math.max(0, band.first - 1)];
    const to = times[band.last];
    return (
      <ReferenceArea
        key={`${band.first} ${band.last}`}
        {...(from === undefined ? {} : { x1: from })}
        {...(to === undefined ? {} : { x2: to })}
        fill={COLORS.second}
        fillOpacity={0.18}
        ifOverflow="hidden"
        {...(withLabel.has(band) ? { label: labelOf(band, rows.length) } : {})}
      />
    );
  });
}

/** Grows towards the middle, so that no edge cuts it. */
const labelOf = ({ first, last }: Band, rows: number) => ({
  value: 'Load test',
  position:
    (first + last) / 2 > rows / 2 ? ('insideTopRight' as const) : ('insideTopLeft' as const),
  fontSize: 12,
  fill: 'var(--sw-text-2)',
  offset: 4,
});
