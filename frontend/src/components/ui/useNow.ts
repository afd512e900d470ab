import { useEffect, useState } from 'react';

/** The time, renewed now and then, for what says how long something has lasted. */
export function useNow(everySeconds = 15): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds]);
  return now;
}
