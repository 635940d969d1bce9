/** MNIST as it lies beside the page. */
import type { DataChoice } from '../state/dataChoice';
import { hasMnist, mnistFiles } from './build';
import type { FromReader } from './mnistReader';

export type NamedBytes = { name: string; bytes: ArrayBuffer };

let tell: (share: number) => void = () => undefined;

/** `listener` is told how much of the files has come over the network, 0..1. */
export function onMnistFetched(listener: (share: number) => void): void {
  tell = listener;
}

/** The four files, unpacked where the browser can. */
function readMnist(): Promise<NamedBytes[]> {
  const total = mnistFiles.reduce((sum, file) => sum + file.bytes, 0);
  const reader = new Worker(new URL('./mnistReader.ts', import.meta.url), { type: 'module', name: 'trainyard MNIST' });
  let done = 0;
  return new Promise<NamedBytes[]>((resolve, reject) => {
    reader.onmessage = ({ data }: MessageEvent<FromReader>) => {
      if (data.type === 'files') return resolve(data.files);
      if (data.type === 'failed') return reject(new Error(data.message));
      done += data.bytes;
      tell(Math.min(1, done / Math.max(1, total)));
    };
    reader.onerror = (event) => reject(new Error(event.message || 'The files of MNIST could not be read.'));
    reader.postMessage(mnistFiles.map((file) => ({ ...file, url: new URL(file.url, document.baseURI).href })));
  }).finally(() => reader.terminate());
}

let ahead: Promise<NamedBytes[]> | null = null;

/** Begins to read what this choice will ask for; what another one asked for is let go. */
export function readAhead(choice: DataChoice | null): void {
  const wanted = hasMnist && (choice === null || choice === 'mnist');
  if (!wanted) ahead = null;
  else if (ahead === null) {
    ahead = readMnist();
    ahead.catch(() => undefined); // told when it is asked for
  }
}

/** What was read ahead, once: it is given away, since nobody needs fifty megabytes twice. */
export function takeMnist(): Promise<NamedBytes[]> {
  const files = ahead ?? readMnist();
  ahead = null;
  return files;
}
