// What a first visit downloads, in bytes, as it is and with brotli.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

export const limits = { wasm: 700 * 1024, firstRoute: 350 * 1024 };

function packed(path) {
  const bytes = readFileSync(path);
  const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  return { bytes: bytes.length, brotli: brotliCompressSync(bytes, options).length };
}

/** Scripts that a page names itself: its module and what is preloaded with it. */
export function scriptsOf(html) {
  return [...html.matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+\.m?js)"/g)].map((match) => match[1]);
}

/** Of a finished site: every wasm module (or the largest only: packing takes seconds each), and the scripts of the first route together. */
export function siteSizes(site, { largestOnly = false } = {}) {
  const engine = join(site, 'engine');
  const length = (name) => statSync(join(engine, name)).size;
  const every = readdirSync(engine).filter((name) => name.endsWith('.wasm'));
  const modules = largestOnly ? every.sort((a, b) => length(b) - length(a)).slice(0, 1) : every;
  const scripts = scriptsOf(readFileSync(join(site, 'index.html'), 'utf8'));
  const each = scripts.map((name) => packed(join(site, name)));
  return {
    wasm: Object.fromEntries(modules.map((name) => [name, packed(join(engine, name))])),
    firstRoute: {
      scripts,
      bytes: each.reduce((sum, { bytes }) => sum + bytes, 0),
      brotli: each.reduce((sum, { brotli }) => sum + brotli, 0),
    },
  };
}
