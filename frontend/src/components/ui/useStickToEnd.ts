import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

interface Stick<T> {
  box: RefObject<T | null>;
  isAtEnd: boolean;
  onScroll: () => void;
  toEnd: () => void;
}

/** How far from the end still counts as there, for fractions of pixels and half lines. */
const NEAR = 24;

/** Stays at the end while lines come, until the reader scrolls up or nobody wants it to. */
export function useStickToEnd<T extends HTMLElement>(lines: unknown, wanted = true): Stick<T> {
  const box = useRef<T>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const toEnd = useCallback(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    setAtEnd(true);
  }, []);
  const onScroll = useCallback(() => {
    const found = box.current;
    if (found) setAtEnd(found.scrollHeight - found.scrollTop - found.clientHeight <= NEAR);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to run
  useLayoutEffect(() => {
    if (wanted && isAtEnd && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, isAtEnd, wanted]);
  // A panel that changes its width breaks its lines anew, and the end moves away by itself.
  const stays = useRef(isAtEnd);
  useLayoutEffect(() => {
    stays.current = wanted && isAtEnd;
  }, [isAtEnd, wanted]);
  useLayoutEffect(() => {
    const found = box.current;
    if (found === null) return;
    const observer = new ResizeObserver(() => {
      if (stays.current) found.scrollTop = found.scrollHeight;
    });
    observer.observe(found);
    return () => observer.disconnect();
  }, []);
  return { box, isAtEnd, onScroll, toEnd };
}
