/** Chromium with the harness page, isolated or not, served from this machine. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from '@playwright/test';
import sirv from 'sirv';
import { build } from 'vite';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const shared = resolve(root, process.env['TRAINYARD_SHARED'] ?? '../shared');
const here = fileURLToPath(new URL('../', import.meta.url));
const harness = resolve(root, 'build/wasm/harness');
export const dist = resolve(root, 'build/wasm/dist');

const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Folders beside the page, by the first part of their address. */
export const besides = {
  engine: dist,
  broken: resolve(here, 'broken'),
  trap: resolve(root, 'build/wasm/trap'),
  mnist: resolve(shared, 'mnist'),
  golden: resolve(root, 'build/wasm/golden'),
  cases: resolve(root, 'tests/golden/cases'),
  more: resolve(shared, 'golden'),
} as const;

export async function buildHarness(): Promise<void> {
  await build({
    configFile: false,
    root: resolve(here, 'harness'),
    base: './',
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { outDir: harness, emptyOutDir: true, target: 'es2022' },
  });
}

function serve(isolated: boolean): Promise<Server> {
  const page = sirv(harness, { dev: true });
  const folders = new Map(
    Object.entries(besides).map(([name, folder]) => [name, existsSync(folder) ? sirv(folder, { dev: true }) : null]),
  );
  const server = createServer((request, response) => {
    if (isolated) for (const [name, value] of Object.entries(isolation)) response.setHeader(name, value);
    const missing = () => {
      response.writeHead(404).end();
    };
    const [, first = '', rest = ''] = /^\/([^/]*)(\/.*)?$/.exec(request.url ?? '/') ?? [];
    const folder = folders.get(first);
    if (folder === null) return missing();
    if (folder === undefined) return page(request, response, missing);
    request.url = rest;
    return folder(request, response, missing);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

export interface Harness {
  page: Page;
  /** What the page and the worker printed. */
  log: string[];
  close: () => Promise<void>;
}

export const chromiumPath = process.env['TRAINYARD_CHROMIUM'] ?? '/usr/bin/chromium';

export async function openHarness({ isolated = true }: { isolated?: boolean } = {}): Promise<Harness> {
  const server = await serve(isolated);
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  const log: string[] = [];
  page.on('console', (message) => log.push(message.text()));
  page.on('pageerror', (error) => log.push(error.message));
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'harness' in window);
  return {
    page,
    log,
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
