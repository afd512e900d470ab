import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { loadEnv } from 'vite';
import { configDefaults, defineConfig } from 'vitest/config';

const here = fileURLToPath(new URL('.', import.meta.url));

// The one .env of the project; the process environment wins over the file, as it does in Python.
function settings(mode) {
  const env = loadEnv(mode, here, '');
  return {
    backend: `http://127.0.0.1:${env.BACKEND_PORT ?? 8000}`,
    port: Number(env.FRONTEND_PORT ?? 3000),
    prefix: env.API_PREFIX ?? '/api/v1',
  };
}

// The built index.html carries the default; the control plane writes its own prefix over it.
const apiPrefix = (prefix) => ({
  name: 'api-prefix',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace('content="/api/v1"', `content="${prefix}"`),
});

// A `.br` beside each text file, for a server that can send it; brotli at build time costs no request.
const precompressed = () => ({
  name: 'precompressed',
  apply: 'build',
  writeBundle: async ({ dir }, bundle) => {
    const texts = Object.keys(bundle).filter((name) => /\.(js|css|html|svg)$/.test(name));
    await Promise.all(
      texts.map(async (name) => {
        const file = join(dir, name);
        await writeFile(`${file}.br`, brotliCompressSync(await readFile(file)));
      }),
    );
  },
});

export default defineConfig(({ mode }) => {
  const { backend, port, prefix } = settings(mode);
  // Anchored, for `/d` alone would swallow `/deploy` and `/deployments`.
  const proxied = [
    `^${prefix}/`,
    '^/d/',
    '^/docs',
    '^/redoc',
    '^/openapi.json',
    '^/errors/',
    '^/health',
    '^/ready',
  ];
  return {
    root: 'frontend',
    // Relative, for the path that a reverse proxy serves it below is known only at run time.
    base: './',
    envDir: here,
    cacheDir: fileURLToPath(new URL('./node_modules/.vite', import.meta.url)),
    envPrefix: 'SLIPWAY_PUBLIC_',
    plugins: [react(), apiPrefix(prefix), precompressed()],
    resolve: { alias: { '@': fileURLToPath(new URL('./frontend/src', import.meta.url)) } },
    server: {
      port,
      strictPort: true,
      proxy: Object.fromEntries(proxied.map((path) => [path, { target: backend, ws: true }])),
    },
    // No data: URLs for fonts and scripts: the policy allows them for images only.
    build: {
      outDir: '../dist',
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    test: {
      environment: 'jsdom',
      setupFiles: ['src/test/setup.ts'],
      css: { modules: { classNameStrategy: 'non-scoped' } },
      exclude: [...configDefaults.exclude, 'e2e/**'],
      testTimeout: 40_000,
    },
  };
});
