import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { makeQueryClient } from '@/api/queries';
import { ApiKeyDialog } from './ApiKeyDialog';
import { cssVariablesResolver, theme } from './theme';

// The same key is read by public/scheme.js before the first paint.
const schemes = localStorageColorSchemeManager({ key: 'slipway-color-scheme' });

export function Providers({ children, client }: { children: ReactNode; client?: QueryClient }) {
  const [queries] = useState(() => client ?? makeQueryClient());
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
    >
      <QueryClientProvider client={queries}>
        {children}
        <ApiKeyDialog />
      </QueryClientProvider>
    </MantineProvider>
  );
}
