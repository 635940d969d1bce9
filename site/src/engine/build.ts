/** What the build of the site found; written in by Vite's `define`. */
declare const __MNIST_FILES__: { name: string; bytes: number }[];
declare const __BUILD_ID__: string;

export const mnistFiles: readonly { name: string; bytes: number }[] =
  typeof __MNIST_FILES__ === 'undefined' ? [] : __MNIST_FILES__;
export const hasMnist = mnistFiles.length === 4;
export const buildId: string = typeof __BUILD_ID__ === 'undefined' ? 'dev' : __BUILD_ID__;
