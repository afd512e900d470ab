import { useState } from 'react';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { basePath } from '@/api/client';
import { Providers } from './Providers';
import { routes } from './routes';

export function App() {
  const [router] = useState(() => createBrowserRouter(routes, { basename: basePath() || '/' }));
  return (
    <Providers>
      <RouterProvider router={router} />
    </Providers>
  );
}
