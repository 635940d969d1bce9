import { existsSync, mkdirSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, transformWithEsbuild, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '..');
const out = join(root, 'build/site');
const fake = process.env['TRAINYARD_FAKE_ENGINE'] === '1' || process.env['VITEST'] !== undefined;
const engineDir = join(root, 'build/wasm/dist');

const mnistNames = [
  'train-images-idx3-ubyte.gz',
  'train-labels-idx1-ubyte.gz',
  't10k-images-idx3-ubyte.gz',
  't10k-labels-idx1-ubyte.gz',
];

/** Where MNIST may lie on the machine that builds; the engine's tools look in the same places. */
function findMnist(): string | null {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const places = [process.env['TRAINYARD_DATA'], join(cache, 'trainyard'), join(root, '../shared')];
  const folders = places.flatMap((place) => (place ? [place, join(place, 'mnist')] : []));
  return folders.find((folder) => mnistNames.every((name) => existsSync(join(folder, name)))) ?? null;
}

const mnist = findMnist();
/** Not `.gz`: some hosts would have the browser unpack such a file on its way, others not. */
const mnistUrl = (name: string) => `mnist/${name.replace(/\.gz$/, '.bin')}`;
const mnistFiles =
  mnist === null
    ? []
    : mnistNames.map((name) => ({ name, url: mnistUrl(name), bytes: statSync(join(mnist, name)).size }));

interface Passenger {
  from: string;
  to: string;
}

/** Files that other parts of the build made, carried along: the engine and MNIST. */
function passengers(): Passenger[] {
  const engine = existsSync(engineDir)
    ? readdirSync(engineDir).filter((name) => /^trainyard-.*\.(js|mjs|wasm)$/.test(name))
    : [];
  return [
    ...engine.map((name) => ({ from: join(engineDir, name), to: `engine/${name}` })),
    ...(mnist === null ? [] : mnistNames.map((name) => ({ from: join(mnist, name), to: mnistUrl(name) }))),
  ];
}

const types: Record<string, string> = {
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
  bin: 'application/octet-stream',
};

/** The engine's glue has comments and long names when the linker leaves it. */
async function minified(file: string): Promise<string> {
  return (await transformWithEsbuild(readFileSync(file, 'utf8'), file, { minify: true, sourcemap: false })).code;
}

function carry(): Plugin {
  return {
    name: 'carry-engine-and-data',
    configureServer(server) {
      const byUrl = new Map(passengers().map((item) => [`/${item.to}`, item.from]));
      server.middlewares.use((request, response, next) => {
        const from = byUrl.get((request.url ?? '').split('?')[0] ?? '');
        if (!from) return next();
        response.setHeader('Content-Type', types[from.split('.').pop() ?? ''] ?? 'application/octet-stream');
        response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
        response.end(readFileSync(from));
      });
    },
    async writeBundle() {
      for (const { from, to } of passengers()) {
        mkdirSync(join(out, to, '..'), { recursive: true });
        if (to.endsWith('.js')) writeFileSync(join(out, to), await minified(from));
        else copyFileSync(from, join(out, to));
      }
    },
  };
}

/** The engine's files are precached too; their revision is their content. */
function engineManifest() {
  return passengers()
    .filter((item) => item.to.startsWith('engine/'))
    .map(({ from, to }) => ({
      url: to,
      revision: createHash('sha256').update(readFileSync(from)).digest('hex').slice(0, 16),
    }));
}

function engineId(): string | null {
  const revisions = engineManifest().map(({ revision }) => revision);
  return fake || revisions.length === 0
    ? null
    : createHash('sha256').update(revisions.join()).digest('hex').slice(0, 16);
}

const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  base: './',
  root: here,
  define: {
    __MNIST_FILES__: JSON.stringify(mnistFiles),
    __ENGINE_ID__: JSON.stringify(engineId()),
    __BUILD_ID__: JSON.stringify(process.env['TRAINYARD_BUILD_ID'] ?? 'local'),
  },
  resolve: {
    alias: {
      '@trainyard/types': join(root, 'wasm/client/types.ts'),
      '@trainyard/client': fake ? join(here, 'src/testing/fakeEngine.ts') : join(root, 'wasm/client/index.ts'),
    },
  },
  server: { host: '127.0.0.1', headers: isolation, fs: { allow: [root] } },
  preview: { host: '127.0.0.1', headers: isolation },
  worker: { format: 'es' },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: [join(here, 'index.html'), join(here, 'bench.html')] },
  },
  plugins: [
    react(),
    carry(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false,
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,png,webmanifest,woff2}'],
        additionalManifestEntries: engineManifest(),
        maximumFileSizeToCacheInBytes: 64 * 1024 * 1024,
      },
      manifest: {
        id: './',
        name: 'Trainyard',
        short_name: 'Trainyard',
        description: 'Draw a neural network, train it and use it. Nothing leaves your device.',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#f5f6f8',
        theme_color: '#2456d6',
        icons: [
          { src: 'icons/icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: 'icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: 'icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
    }),
  ],
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
} as Parameters<typeof defineConfig>[0]);
