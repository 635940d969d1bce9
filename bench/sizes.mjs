// What a first visit downloads, in bytes, as it is and with brotli.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

export const limits = { wasm: 700 * 1024, firstRoute: 350 * 1024 };

/** `enough`: a size below which nobody asks how much better a slower quality does; the slowest takes twenty times as long. */
function packed(path, enough) {
  const bytes = readFileSync(path);
  const at = (quality) =>
    brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [constants.BROTLI_PARAM_QUALITY]: quality },
    }).length;
  const quicker = enough > 0 ? [9, 10] : [];
  for (const quality of quicker) {
    const brotli = at(quality);
    if (brotli <= enough) return { bytes: bytes.length, brotli };
  }
  return { bytes: bytes.length, brotli: at(constants.BROTLI_MAX_QUALITY) };
}

/** Scripts that a page names itself: its module and what is preloaded with it. */
export function scriptsOf(html) {
  return [...html.matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+\.m?js)"/g)].map((match) => match[1]);
}

/**
 * Of a finished site: every wasm module, and the scripts of the first route together. `toLimits`: sizes within the limits may be told too
 * large, and the largest module stands for the others, which are links of the same objects.
 */
export function siteSizes(site, { toLimits = false } = {}) {
  const engine = join(site, 'engine');
  const bytesOf = (name) => statSync(join(engine, name)).size;
  const all = readdirSync(engine).filter((name) => name.endsWith('.wasm'));
  const modules = toLimits ? all.sort((a, b) => bytesOf(b) - bytesOf(a)).slice(0, 1) : all;
  const scripts = scriptsOf(readFileSync(join(site, 'index.html'), 'utf8'));
  const each = scripts.map((name) => packed(join(site, name), 0));
  return {
    wasm: Object.fromEntries(modules.map((name) => [name, packed(join(engine, name), toLimits ? limits.wasm : 0)])),
    firstRoute: {
      scripts,
      bytes: each.reduce((sum, { bytes }) => sum + bytes, 0),
      brotli: each.reduce((sum, { brotli }) => sum + brotli, 0),
    },
  };
}
