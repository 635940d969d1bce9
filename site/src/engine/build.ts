/** What the build of the site found; written in by Vite's `define`. */
declare const __MNIST_FILES__: MnistFile[];
declare const __BUILD_ID__: string;
declare const __ENGINE_ID__: string | null;

/** One of the four, by the name it is published under; gzipped, as long as told. */
export interface MnistFile {
  name: string;
  url: string;
  bytes: number;
}

export const mnistFiles: readonly MnistFile[] = typeof __MNIST_FILES__ === 'undefined' ? [] : __MNIST_FILES__;
export const hasMnist = mnistFiles.length === 4;
export const buildId: string = typeof __BUILD_ID__ === 'undefined' ? 'dev' : __BUILD_ID__;
/** Changes whenever the engine's files do; null where they can do so without a build of the page. */
export const engineId: string | null =
  import.meta.env.PROD && typeof __ENGINE_ID__ !== 'undefined' ? __ENGINE_ID__ : null;
