import { useCallback, useEffect, useRef, useState } from 'react';
import { asProblem } from '@/api/problem';
import type { Problem } from '@/api/types';
import { call, type Exchange } from './call';
import type { Outgoing } from './requests';

interface State<T> {
  isRunning: boolean;
  exchange: Exchange | null;
  /** What the exchange was about: the input that its answer belongs to. */
  about: T | null;
  problem: Problem | null;
}

/** What a view draws: the answer or what went wrong. */
export type Outcome = Pick<State<unknown>, 'exchange' | 'problem'>;

export interface Run<T> extends State<T> {
  start: (sent: Outgoing, about: T) => Promise<Exchange | null>;
  stop: () => void;
}

/** One request at a time; a newer one cancels the older. The last answer stays until the next. */
export function useRun<T>(id: string): Run<T> {
  const [state, setState] = useState<State<T>>({
    isRunning: false,
    exchange: null,
    about: null,
    problem: null,
  });
  const current = useRef<AbortController | null>(null);
  const stop = useCallback(() => {
    current.current?.abort();
    setState((old) => ({ ...old, isRunning: false }));
  }, []);
  const start = useCallback(
    async (sent: Outgoing, about: T): Promise<Exchange | null> => {
      current.current?.abort();
      const controller = new AbortController();
      current.current = controller;
      setState((old) => ({ ...old, isRunning: true }));
      try {
        const exchange = await call(id, sent, controller.signal);
        if (controller.signal.aborted) return null;
        setState({ isRunning: false, exchange, about, problem: exchange.problem });
        return exchange;
      } catch (error) {
        if (controller.signal.aborted) return null;
        setState({ isRunning: false, exchange: null, about, problem: asProblem(error) });
        return null;
      }
    },
    [id],
  );
  useEffect(() => () => current.current?.abort(), []);
  return { ...state, start, stop };
}
