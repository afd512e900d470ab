/** Load tests as intervals of the rows that the charts draw. */
import type { LoadTest } from '@/api/types';
import type { Row } from './series';

type Interval = Pick<LoadTest, 'started_at' | 'ended_at'>;

export interface Band {
  /** First and last row with requests of the test. */
  first: number;
  last: number;
}

/** Times of a row: it ends at `at`. */
const endOf = ({ at }: Row): number => Date.parse(at);
const beginOf = (row: Row): number => endOf(row) - row.seconds * 1000;

/** A row that a test only touches, such as the idle minute before it, is none of its rows. */
const LEAST_SHARE = 0.1;

function belongs(row: Row, begin: number, end: number): boolean {
  const common = Math.min(endOf(row), end) - Math.max(beginOf(row), begin);
  return common > LEAST_SHARE * Math.min(row.seconds * 1000, end - begin);
}

/** Oldest first; a test outside of the window, or that measured nothing, has none. */
export function bandsOf(rows: readonly Row[], tests: readonly Interval[]): Band[] {
  return tests
    .flatMap(({ started_at: started, ended_at: ended }) => {
      if (started === null) return [];
      const [begin, end] = [
        Date.parse(started),
        ended === null ? Number.POSITIVE_INFINITY : Date.parse(ended),
      ];
      const first = rows.findIndex((row) => belongs(row, begin, end));
      const last = rows.findLastIndex((row) => belongs(row, begin, end));
      return first < 0 ? [] : [{ first, last }];
    })
    .sort((one, other) => one.first - other.first);
}

/** Whether a row lies in a band. */
export const isInBand = (index: number, bands: readonly Band[]): boolean =>
  bands.some(({ first, last }) => first <= index && index <= last);

/** A label takes about a quarter of the width of a narrow chart. */
const ROOM = 0.25;

/** The bands whose label does not cover that of the one before. */
export function labelled(bands: readonly Band[], rows: number): ReadonlySet<Band> {
  const found: Band[] = [];
  for (const band of bands) {
    const previous = found.at(-1);
    if (previous === undefined || band.first - previous.first >= ROOM * rows) found.push(band);
  }
  return new Set(found);
}
