import { useState } from 'react';

/** A run of this tab: what went in, in one line, and what came out. */
export interface Earlier {
  input: string;
  answer: string;
  figure: string;
  ms: number;
}

const KEPT = 8;
const key = (id: string): string => `slipway-playground-${id}`;

function load(id: string): Earlier[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(key(id)) ?? '[]');
    return Array.isArray(found) ? (found as Earlier[]) : [];
  } catch {
    return [];
  }
}

function save(id: string, list: readonly Earlier[]): void {
  try {
    sessionStorage.setItem(key(id), JSON.stringify(list));
  } catch {
    // A full or forbidden storage costs the memory of this tab, nothing else.
  }
}

/** Lives as long as the browser's tab, over reloads and walks to other pages. */
export function useHistory(id: string) {
  const [list, setList] = useState<readonly Earlier[]>(() => load(id));
  const put = (next: readonly Earlier[]) => {
    save(id, next);
    setList(next);
  };
  return {
    list,
    add: (one: Earlier) =>
      put([one, ...load(id).filter((old) => old.input !== one.input)].slice(0, KEPT)),
    clear: () => put([]),
  };
}
