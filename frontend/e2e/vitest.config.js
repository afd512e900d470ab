import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Real Chromium against the real control plane: one file at a time, for they share a machine of two cores.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../../node_modules/.vite-e2e', import.meta.url)),
  test: {
    environment: 'node',
    include: ['**/*.e2e.ts'],
    fileParallelism: false,
    // Longer than any one wait (patience.ts), so that it is the wait which says what did not come.
    testTimeout: 600_000,
    hookTimeout: 300_000,
    // Where this many fail, the rest fails for the same reason and only waits.
    bail: 6,
  },
});
