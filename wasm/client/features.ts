/** Which build this browser and page can run, and how many threads it should use. */
import type { BuildName } from './types';

export interface Features {
  /** The page is cross-origin isolated, without which no browser shares memory. */
  isolated: boolean;
  /** There is a SharedArrayBuffer; some browsers have none even in an isolated page. */
  sharedMemory: boolean;
  relaxedSimd: boolean;
  simd: boolean;
  cores: number;
}

export interface Choice {
  build: BuildName;
  threads: number;
  reason: string;
}

// Smallest modules whose validation tells whether the instruction exists.
// SIMD128: a v128.const. Relaxed SIMD: f32x4.relaxed_madd of three of them.
const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const oneFunction = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00];
const vector = [0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

function moduleOf(body: number[]): Uint8Array<ArrayBuffer> {
  const code = [0x00, ...body, 0x1a, 0x0b]; // no locals; drop; end
  return new Uint8Array([...header, ...oneFunction, 0x0a, code.length + 2, 0x01, code.length, ...code]);
}

export const simdProbe = moduleOf(vector);
export const relaxedSimdProbe = moduleOf([...vector, ...vector, ...vector, 0xfd, 0x85, 0x02]);

/** Throws, in plain words, where there is no WebAssembly at all. */
export function detectFeatures(): Features {
  if (typeof WebAssembly === 'undefined')
    throw new Error('This browser has WebAssembly switched off, as Lockdown Mode does, and the engine is made of it');
  return {
    isolated: globalThis.crossOriginIsolated === true,
    sharedMemory: typeof SharedArrayBuffer !== 'undefined',
    relaxedSimd: WebAssembly.validate(relaxedSimdProbe),
    simd: WebAssembly.validate(simdProbe),
    cores: globalThis.navigator?.hardwareConcurrency ?? 1,
  };
}

/** One core is left to the page where there are more than two. */
export function defaultThreads(cores: number): number {
  return Math.max(1, cores > 2 ? cores - 1 : cores);
}

export function chooseBuild(features: Features, wanted: { build?: BuildName; threads?: number } = {}): Choice {
  if (!features.simd) throw new Error('This browser is too old: it has no WebAssembly SIMD');
  const cores = `${features.cores} ${features.cores === 1 ? 'core' : 'cores'}`;
  const threads = wanted.threads ?? defaultThreads(features.cores);
  const single = (reason: string): Choice => ({ build: 'single', threads: 1, reason });
  if (wanted.build === 'single') return single('one thread was asked for');
  if (!features.isolated) return single('the page is not cross-origin isolated, so one thread');
  if (!features.sharedMemory) return single('this browser shares no memory between threads, so one thread');
  if (wanted.build === 'threads')
    return { build: 'threads', threads, reason: 'the build without relaxed SIMD was asked for' };
  if (wanted.build === undefined && threads <= 1)
    return single(wanted.threads === undefined ? `${cores}, so one thread` : 'one thread was asked for');
  if (!features.relaxedSimd) return { build: 'threads', threads, reason: `${cores}; this browser has no relaxed SIMD` };
  return { build: 'threads-relaxed', threads, reason: `${cores}, relaxed SIMD` };
}

/** What is left where threads were promised and did not start, such as where no memory is given for them; null where nothing is. */
export function withoutThreads(choice: Choice, problem: string): Choice | null {
  if (choice.build === 'single') return null;
  return { build: 'single', threads: 1, reason: `threads could not be started (${problem}), so one thread` };
}
