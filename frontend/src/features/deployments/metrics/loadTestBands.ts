/** The intervals of load tests as shaded areas of a chart. */
import type { LoadTest } from '@/api/types';
import { type Band, bandsOf, labelled } from './bands';
import { COLORS } from './chartStyle';
import type { Row } from './series';

/**
 * A bar stands for its whole interval; a line has a point at the end of each, so that a band begins
 * one point earlier.
 */
export function loadBands(
  rows: readonly Row[],
  tests: readonly LoadTest[],
  kind: 'bars' | 'lines',
) {
  const bands = bandsOf(rows, tests);
  const withLabel = labelled(bands, rows.length);
  return bands.map((band) => {
    const from = rows[kind === 'bars' ? band.first : Math.max(0, band.first - 1)];
    // In the first interval of all, a line has no point before: without width nothing is drawn.
    const last = kind === 'lines' && band.first === 0 ? Math.max(band.last, 1) : band.last;
    return {
      x1: from?.at ?? '',
      x2: (rows[last] ?? rows.at(-1))?.at ?? '',
      fill: COLORS.second,
      fillOpacity: 0.16,
      strokeOpacity: 0,
      label: {
        value: withLabel.has(band) ? 'Load test' : '',
        fill: 'var(--sw-text-2)',
        offset: 4,
      },
      labelPosition: sideOf(band, rows.length),
    };
  });
}

/** The label grows towards the middle, so that no edge cuts it. */
const sideOf = ({ first, last }: Band, rows: number) =>
  (first + last) / 2 > rows / 2 ? ('insideTopRight' as const) : ('insideTopLeft' as const);
