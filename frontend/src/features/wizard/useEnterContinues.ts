import { type RefObject, useEffect } from 'react';

const OWN_ENTER =
  'a, button, textarea, select, summary, [role="menuitem"], [role="option"], [role="dialog"] *';

/** Enter continues wherever it means nothing else: on the title, and on nothing at all. */
export function useEnterContinues(form: RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.repeat || event.defaultPrevented || event.isComposing)
        return;
      const target = event.target;
      if (!(target instanceof Element) || target.closest(`input, ${OWN_ENTER}`)) return;
      event.preventDefault();
      form.current?.requestSubmit();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [form]);
}
