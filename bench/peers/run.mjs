// npm run bench:peers: ours, TensorFlow.js and jax-js side by side in one Chromium.
//
//   npm run bench:peers -- [--rounds 5] [--seconds 2] [--nets mlp,lenet5,cnn] [--peers wasm,webgl,jax] [--threads N]
//                          [--no-save] [--show]
//
// Installs the peers (pinned in package-lock.json here) on the first run, builds the page into build/bench/peers, serves it on
// this machine with the isolating headers, prints a table with ratios and writes bench/results/<date>-browser-peers.json.
// `--show` opens a window instead of running headless. TRAINYARD_CHROMIUM names another browser than /usr/bin/chromium.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { launch, serve } from '../browser.mjs';
import { circumstances, ratioTable, root, textTable, writeResult } from '../results.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const out = join(root, 'build/bench/peers');
const engine = join(root, 'build/wasm/dist');

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '2' },
        nets: { type: 'string', default: 'mlp,lenet5,cnn' },
        peers: { type: 'string', default: 'wasm,webgl,jax' },
        threads: { type: 'string', default: String(cpus().length) },
        'no-save': { type: 'boolean', default: false },
        show: { type: 'boolean', default: false },
      },
    });
    for (const name of ['rounds', 'seconds', 'threads'])
      if (!(Number(values[name]) > 0)) fail(`--${name} ${values[name]}: a number above 0 is needed`);
    for (const net of values.nets.split(','))
      if (!['mlp', 'lenet5', 'cnn'].includes(net)) fail(`--nets ${net}: there are mlp, lenet5 and cnn`);
    return values;
  } catch (error) {
    return fail(error.message);
  }
}

function installPeers() {
  if (existsSync(join(here, 'node_modules/@jax-js/jax'))) return;
  console.log('Installing the peers (once) ...');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here, stdio: 'inherit' });
}

const versionOf = (name) => JSON.parse(readFileSync(join(here, 'node_modules', name, 'package.json'), 'utf8')).version;

async function buildPage() {
  if (!existsSync(join(engine, 'trainyard-threads-relaxed.wasm')))
    fail('build/wasm/dist has no engine: build the preset wasm first (scripts/run does)');
  await build({
    configFile: false,
    root: join(here, 'page'),
    base: './',
    logLevel: 'warn',
    define: { __JAX_VERSION__: JSON.stringify(versionOf('@jax-js/jax')) },
    resolve: {
      alias: {
        '@trainyard/client': join(root, 'wasm/client/index.ts'),
        '@trainyard/types': join(root, 'wasm/client/types.ts'),
      },
    },
    worker: { format: 'es' },
    build: { outDir: out, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 4000 },
  });
  cpSync(engine, join(out, 'engine'), { recursive: true });
  const tfjs = join(here, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  for (const kind of ['', '-simd', '-threaded-simd'])
    cpSync(join(tfjs, `tfjs-backend-wasm${kind}.wasm`), join(out, 'tfjs', `tfjs-backend-wasm${kind}.wasm`));
}

async function measure(url, options) {
  const browser = await launch({ headless: !options.show });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (/^\d+ %/.test(message.text())) process.stdout.write(`\r\x1b[K${message.text()}`);
      else if (message.type() === 'error') console.error(message.text());
    });
    const { nets, rounds, seconds, threads, peers } = options;
    await page.goto(`${url}?${new URLSearchParams({ nets, rounds, seconds, threads, peers }).toString()}`);
    await page.waitForFunction(() => window.peersResult || window.peersError, undefined, { timeout: 0, polling: 500 });
    process.stdout.write('\r\x1b[K');
    const failed = await page.evaluate(() => window.peersError);
    if (failed) throw new Error(`the page gave up: ${failed}`);
    return { ...(await page.evaluate(() => window.peersResult)), browser: `Chromium ${browser.version()}` };
  } finally {
    await browser.close();
  }
}

const options = readOptions();
const facts = circumstances();
installPeers();
await buildPage();
const server = await serve(out);
let answer;
try {
  answer = await measure(server.url, options);
} catch (error) {
  fail(error.message);
} finally {
  server.stop();
}
const { rows, contenders, absent, memory, browser, userAgent, isolated } = answer;
console.log(`Images a second at batch 128, medians of ${options.rounds} rounds of ${options.seconds} s; ${browser}`);
for (const { name, about } of contenders) console.log(`  ${name}: ${about}`);
for (const { name, why } of absent) console.log(`  ${name} is missing: ${why}`);
console.log(`\n${textTable(ratioTable({ contenders, rows }))}\n`);
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
console.log(
  `Our memory after ${options.nets}: ${megabytes(memory.wasm_bytes)} of wasm, of which the last net's arena is ${megabytes(memory.arena_bytes)}`,
);
if (facts.machine.load > 0.5) console.log(`The machine was not quiet when this began (load ${facts.machine.load}).`);
if (!options['no-save']) {
  const result = {
    kind: 'browser-peers',
    ...facts,
    browser,
    user_agent: userAgent,
    isolated,
    batch: 128,
    rounds: Number(options.rounds),
    seconds: Number(options.seconds),
    threads: Number(options.threads),
    contenders,
    absent,
    memory,
    rows,
  };
  console.log(`Wrote ${writeResult(result).slice(root.length)}`);
}
