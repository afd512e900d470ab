import { Navigate, type RouteObject } from 'react-router';
import { PageSkeleton } from '@/components/ui/Skeletons';
import { Layout } from './Layout';
import { RouteError } from './RouteError';

/** Each screen is its own chunk; the skeleton has the page's shape while it comes. */
export const routes: RouteObject[] = [
  {
    errorElement: <RouteError />,
    hydrateFallbackElement: <PageSkeleton />,
    children: [
      {
        element: <Layout />,
        children: [
          { index: true, lazy: () => import('./pages/home') },
          { path: 'models', lazy: () => import('./pages/models') },
          { path: 'machine', lazy: () => import('./pages/machine') },
          { path: 'deployments', element: <Navigate to="/" replace /> },
          { path: 'deployments/:id/progress', lazy: () => import('./pages/progress') },
          { path: 'deployments/:id', lazy: () => import('./pages/deployment') },
          { path: 'deployments/:id/:tab', lazy: () => import('./pages/deployment') },
          { path: 'test/:id', lazy: () => import('./pages/test') },
          { path: '*', lazy: () => import('./pages/not-found') },
        ],
      },
      { path: 'deploy', element: <Navigate to="/deploy/model" replace /> },
      { path: 'deploy/:screen', lazy: () => import('./pages/deploy') },
    ],
  },
];
