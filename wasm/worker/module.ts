/** What Emscripten's glue and the Embind face look like from TypeScript, and how an instance is made. */
import type { StartOptions } from './protocol';

export interface RawResult {
  json?: string;
  error?: string;
  tensors?: Float32Array[];
  bytes?: Uint8Array;
}

export interface RawEngine {
  call(command: string, request: string): RawResult;
  samples(request: string): RawResult;
  loadData(request: string, names: string[], files: Uint8Array[]): RawResult;
  predict(shapes: string, values: Float32Array[]): RawResult;
  predictTexts(request: string): RawResult;
  predictDrawing(width: number, height: number, values: Float32Array): RawResult;
  open(bytes: Uint8Array): RawResult;
  save(): RawResult;
  written(path: string): RawResult;
}

interface GlueModule {
  Engine: new (threads: number) => RawEngine;
}

interface GlueOptions {
  poolSize: number;
  wasmMemory?: WebAssembly.Memory;
  locateFile: (name: string) => string;
  mainScriptUrlOrBlob: string;
  print: (text: string) => void;
  printErr: (text: string) => void;
  onAbort: (reason: unknown) => void;
}

const pageBytes = 65536;
/** INITIAL_MEMORY of the build (wasm/CMakeLists.txt). */
const initialPages = 33554432 / pageBytes;
/** Some browsers refuse a large maximum of shared memory at once: ask for less and less. */
const maximumPages = [65536, 32768, 16384, 8192];

function sharedMemory(): WebAssembly.Memory {
  for (const maximum of maximumPages) {
    try {
      return new WebAssembly.Memory({ initial: initialPages, maximum, shared: true });
    } catch {
      // The next smaller one may do.
    }
  }
  throw new Error('The browser gives no shared memory, not even 512 MB');
}

export async function loadEngine(options: StartOptions, onAbort: (reason: unknown) => void): Promise<RawEngine> {
  const script = new URL(`trainyard-${options.build}.js`, options.baseUrl).href;
  const glue = (await import(/* @vite-ignore */ script)) as { default: (options: GlueOptions) => Promise<GlueModule> };
  const threaded = options.build !== 'single';
  const module = await glue.default({
    poolSize: options.threads - 1,
    ...(threaded ? { wasmMemory: sharedMemory() } : {}),
    locateFile: (name) => new URL(name, options.baseUrl).href,
    mainScriptUrlOrBlob: script,
    print: (text) => console.info(text),
    printErr: (text) => console.warn(text),
    onAbort,
  });
  return new module.Engine(options.threads);
}
