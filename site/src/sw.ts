/**
 * The service worker. It keeps the whole page, so that it works without a network, and adds the headers that isolate the page where the
 * host sends none. `self.__WB_MANIFEST` is filled in by the build: every file of the site with its revision.
 */
export {};
declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

const manifest = self.__WB_MANIFEST;
const fingerprint = manifest.reduce((hash, entry) => {
  let next = hash;
  for (const char of `${entry.url}@${entry.revision ?? ''}`) next = (Math.imul(next, 31) + char.charCodeAt(0)) | 0;
  return next;
}, 7);
const shellCache = `trainyard-shell-${(fingerprint >>> 0).toString(16)}`;
const dataCache = 'trainyard-data-2';
/** What versions of this page have stored. */
const oursPattern = /^trainyard-(shell|data)-/;
const scope = new URL(self.registration.scope);
const urlOf = (entry: { url: string }) => new URL(entry.url, scope).href;

const isolation = [
  ['Cross-Origin-Embedder-Policy', 'require-corp'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
] as const;

/**
 * With the headers that isolate the page. An answer that has them stays as it is, and so what is stored has them: a browser keeps what
 * it has compiled of a script or a module only with an answer that comes from the store untouched.
 */
function isolated(response: Response): Response {
  if (response.status === 0 || response.type === 'opaque') return response;
  if (isolation.every(([name, value]) => response.headers.get(name) === value)) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of isolation) headers.set(name, value);
  const body = [101, 204, 205, 304].includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** Stores what this version needs and lacks; the older versions go only when it is whole. */
async function storeAll(): Promise<void> {
  const cache = await caches.open(shellCache);
  for (const entry of manifest) {
    const url = urlOf(entry);
    if (await cache.match(url)) continue;
    const response = await fetch(new Request(url, { cache: 'reload' }));
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    await cache.put(url, isolated(response));
  }
  const names = await caches.keys();
  await Promise.all(
    names
      .filter((name) => oursPattern.test(name) && name !== shellCache && name !== dataCache)
      .map((name) => caches.delete(name)),
  );
}

async function fromCaches(url: string): Promise<Response | undefined> {
  const own = await (await caches.open(shellCache)).match(url);
  return own ?? caches.match(url, { ignoreSearch: true });
}

async function fetchAndKeep(request: Request, cacheName: string): Promise<Response> {
  const response = isolated(await fetch(request));
  if (response.ok && response.status === 200) {
    const cache = await caches.open(cacheName);
    await cache.put(request.url, response.clone()).catch(() => undefined);
  }
  return response;
}

const known = new Set(manifest.map(urlOf));

/** The stored page for an address: its own, with or without `.html`, or the one page that all else is. */
function pageFor(address: string): string {
  return [address, `${address}.html`].find((each) => known.has(each)) ?? new URL('index.html', scope).href;
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  url.search = '';
  url.hash = '';
  const isPage = request.mode === 'navigate';
  const key = isPage ? pageFor(url.href) : url.href;
  const stored = await (isPage ? (await caches.open(shellCache)).match(key) : fromCaches(key));
  if (stored) return isolated(stored);
  try {
    if (isPage) return isolated(await fetch(request));
    if (known.has(url.href)) return await fetchAndKeep(request, shellCache);
    if (url.pathname.startsWith(`${scope.pathname}mnist/`)) return await fetchAndKeep(request, dataCache);
    return isolated(await fetch(request));
  } catch (error) {
    const older = await fromCaches(key);
    if (older) return isolated(older);
    throw error;
  }
}

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  if (event.data !== 'store') return;
  event.waitUntil(
    storeAll().then(
      () => event.source?.postMessage('stored'),
      () => undefined,
    ),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = url.origin === scope.origin && url.pathname.startsWith(scope.pathname);
  if (request.method !== 'GET' || !ours || request.headers.has('range')) return;
  event.respondWith(answer(request));
});
