/** The finished site, served as a host would: with or without the isolating headers, until it is stopped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const site = resolve(root, process.env['TRAINYARD_SITE'] ?? 'build/site');

/** MNIST lies beside the page where the machine that built it had it. */
export const hasMnist = existsSync(resolve(site, 'mnist/train-images-idx3-ubyte.bin'));

export interface Server {
  url: string;
  stop: () => Promise<void>;
}

export interface ServerOptions {
  isolation?: boolean;
  base?: string;
}

function address(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let text = '';
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString();
      const found = /http:\/\/\S+/.exec(text);
      if (found) done(found[0]);
    });
    child.once('exit', () => failed(new Error(`The server ended early: ${text}`)));
  });
}

export async function startServer({ isolation = true, base = '/' }: ServerOptions = {}): Promise<Server> {
  const options = ['--port', '0', '--base', base, ...(isolation ? [] : ['--no-isolation'])];
  const child = spawn(process.execPath, [resolve(root, 'scripts/serve.mjs'), site, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await address(child);
  return {
    url,
    stop: () =>
      new Promise((done) => {
        if (child.exitCode !== null) return done();
        child.once('exit', () => done());
        child.kill();
      }),
  };
}
