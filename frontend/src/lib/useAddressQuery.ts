import { useEffect, useRef, useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';

const OWN = 'own';

/**
 * The query of the address, and a setter of one parameter; the empty value removes it.
 *
 * The router changes the address some time after it was asked to. Fields show a state of their own
 * meanwhile, or a fast typist would lose letters, and the next change would undo the one before.
 */
export function useAddressQuery(): [URLSearchParams, (name: string, value: string) => void] {
  const [address, setAddress] = useSearchParams();
  const location = useLocation();
  const [query, setQuery] = useState(address);
  const latest = useRef(address);
  useEffect(() => {
    // The address was changed by a link or the buttons of the browser.
    if (location.state !== OWN) {
      latest.current = new URLSearchParams(location.search);
      setQuery(latest.current);
    }
  }, [location]);
  const put = (name: string, value: string) => {
    const next = new URLSearchParams(latest.current);
    if (value === '') next.delete(name);
    else next.set(name, value);
    latest.current = next;
    setQuery(next);
    setAddress(next, { replace: true, preventScrollReset: true, state: OWN });
  };
  return [query, put];
}
