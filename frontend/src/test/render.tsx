import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { createMemoryRouter, type RouteObject, RouterProvider } from 'react-router';
import { makeQueryClient } from '@/api/queries';
import { Providers } from '@/app/Providers';

interface Options {
  /** Where one is; the default is `/`. */
  at?: string;
  /** The route pattern of `ui`, with its parameters; the default catches everything. */
  path?: string;
  /** Other places one may arrive at. */
  others?: RouteObject[];
}

/** A screen with everything around it that the real app has. */
export function renderAt(ui: ReactNode, { at = '/', path = '*', others = [] }: Options = {}) {
  const client = makeQueryClient();
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retry: false } });
  const router = createMemoryRouter([{ path, element: ui }, ...others], { initialEntries: [at] });
  const view = render(
    <Providers client={client}>
      <RouterProvider router={router} />
    </Providers>,
  );
  return { ...view, router, client, user: userEvent.setup() };
}
