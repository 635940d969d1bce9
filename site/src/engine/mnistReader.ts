/** A worker that reads MNIST from where it lies and unpacks it, while the engine's worker starts and the page is drawn. */
import type { MnistFile } from './build';
import { gathered, unpacked } from './unpack';

export type FromReader =
  | { type: 'fetched'; bytes: number }
  | { type: 'files'; files: { name: string; bytes: ArrayBuffer }[] }
  | { type: 'failed'; message: string };

const scope = self as unknown as { onmessage: unknown; postMessage: typeof Worker.prototype.postMessage };

function post(message: FromReader, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

/** What the service worker has stored, read where it lies: through the worker, ten megabytes cost a second. */
async function stored(url: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const response = await caches.match(url);
    return response ? new Uint8Array(await response.arrayBuffer()) : null;
  } catch {
    return null; // no store in this browser, or not for this page
  }
}

async function fetched(url: string, expected: number): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url} could not be read (status ${response.status}).`);
  return gathered(response.body.getReader(), expected, (bytes) => post({ type: 'fetched', bytes }));
}

scope.onmessage = async ({ data }: MessageEvent<readonly MnistFile[]>) => {
  try {
    const files = await Promise.all(
      data.map(async ({ name, url, bytes }) => ({
        name,
        bytes: (await unpacked((await stored(url)) ?? (await fetched(url, bytes)))).buffer,
      })),
    );
    post(
      { type: 'files', files },
      files.map(({ bytes }) => bytes),
    );
  } catch (error) {
    post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};
