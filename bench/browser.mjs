// A folder served on this machine with the isolating headers, and Debian's Chromium to look at it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { root } from './results.mjs';

/** scripts/serve.mjs on a free port; ends with this process at the latest. */
export function serve(folder) {
  const child = spawn(process.execPath, [join(root, 'scripts/serve.mjs'), folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.on('exit', () => child.kill());
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (part) => {
      const found = /http:\/\/\S+/.exec(part.toString());
      if (found) resolve({ url: found[0], stop: () => child.kill() });
    });
    child.once('exit', () => reject(new Error('the server ended early')));
  });
}

/** TRAINYARD_CHROMIUM names another browser than /usr/bin/chromium. WebGL is in software where there is no GPU. */
export function launch({ headless = true } = {}) {
  return chromium.launch({
    executablePath: process.env.TRAINYARD_CHROMIUM ?? '/usr/bin/chromium',
    headless,
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  });
}
