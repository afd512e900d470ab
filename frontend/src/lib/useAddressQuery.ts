import { useSearchParams } from 'react-router';

/**
 * The query of the address, and a setter of one parameter; the empty value removes it.
 *
 * `flushSync`: the router otherwise renders as a transition, in which a fast typist loses letters and
 * the next change still starts from the old address.
 */
export function useAddressQuery(): [URLSearchParams, (name: string, value: string) => void] {
  const [query, setQuery] = useSearchParams();
  const put = (name: string, value: string) =>
    setQuery(
      (old) => {
        if (value === '') old.delete(name);
        else old.set(name, value);
        return old;
      },
      { replace: true, preventScrollReset: true, flushSync: true },
    );
  return [query, put];
}
