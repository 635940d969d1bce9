// npm run bench:load: how soon the finished site trains, and how much a first visit downloads.
//
//   npm run bench:load -- [--rounds 7] [--no-save]
//
// Opens build/site once so that everything is stored, then again and again with that warm cache: Train is pressed the moment it can
// be. Times are in milliseconds from the beginning of the navigation, but `first_step_after_ready`, which counts from the page being
// ready to use: the goal's clock. Writes bench/results/<date>-load.json.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, serve } from './browser.mjs';
import { circumstances, root, writeResult } from './results.mjs';
import { limits, siteSizes } from './sizes.mjs';

const site = join(root, 'build/site');

/** Runs in the page before anything else: notes when what comes into sight, and presses Train. */
function watch() {
  const times = (window.loadTimes = {});
  const note = (name) => (times[name] ??= performance.now());
  const look = () => {
    const train = [...document.querySelectorAll('button')].find(
      (button) => button.textContent?.trim() === 'Train' && !button.closest('nav'),
    );
    if (train && !times.ready) note('ready');
    if (train && !train.disabled && train.getAttribute('aria-disabled') !== 'true' && !times.enabled) {
      note('enabled');
      train.click();
    }
    if (times.enabled && /\d images\/s/.test(document.querySelector('dl.figures')?.textContent ?? ''))
      note('first_step');
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
  });
}

async function fresh(page) {
  await page.evaluate(async () => {
    for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
  });
}

async function visits(url, rounds) {
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const first = await context.newPage();
    await first.goto(url);
    await first.getByText('Works offline').waitFor({ timeout: 120_000 });
    await fresh(first);
    await first.close();
    await context.addInitScript(watch);
    const all = [];
    for (let round = 0; round < rounds; round++) {
      const page = await context.newPage();
      await page.goto(url);
      await page.waitForFunction(() => window.loadTimes?.first_step, undefined, { timeout: 60_000 });
      all.push(await page.evaluate(() => window.loadTimes));
      await fresh(page);
      await page.close();
    }
    return { browser: `Chromium ${browser.version()}`, all };
  } finally {
    await browser.close();
  }
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};

async function main() {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '7' }, 'no-save': { type: 'boolean', default: false } },
  });
  if (!(Number(values.rounds) > 0)) throw new Error(`--rounds ${values.rounds}: a number above 0 is needed`);
  if (!existsSync(join(site, 'index.html'))) throw new Error('there is no build/site: scripts/run builds it');
  const facts = circumstances();
  const sizes = siteSizes(site);
  const server = await serve(site);
  const { browser, all } = await visits(server.url, Number(values.rounds));
  server.stop();
  const of = (name) => Math.round(median(all.map((times) => times[name])));
  const times = {
    ready: of('ready'),
    enabled: of('enabled'),
    first_step: of('first_step'),
    first_step_after_ready: Math.round(median(all.map((each) => each.first_step - each.ready))),
    first_step_after_press: Math.round(median(all.map((each) => each.first_step - each.enabled))),
  };
  console.log(`Warm cache, medians of ${values.rounds} visits, ${browser}:`);
  console.log(`  ready to use after ${times.ready} ms, ready to train after ${times.enabled} ms`);
  console.log(
    `  first training step ${times.first_step_after_ready} ms after the page was ready, ${times.first_step_after_press} ms after Train was pressed`,
  );
  const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
  for (const [name, { bytes, brotli }] of Object.entries(sizes.wasm))
    console.log(`  ${name}: ${kilobytes(bytes)}, brotli ${kilobytes(brotli)} (limit ${kilobytes(limits.wasm)})`);
  console.log(
    `  first route's scripts: ${kilobytes(sizes.firstRoute.bytes)}, brotli ${kilobytes(sizes.firstRoute.brotli)} (limit ${kilobytes(limits.firstRoute)})`,
  );
  if (facts.machine.load > 0.5) console.log(`The machine was not quiet when this began (load ${facts.machine.load}).`);
  if (values['no-save']) return;
  const result = { kind: 'load', ...facts, browser, rounds: Number(values.rounds), times, visits: all, sizes };
  console.log(`Wrote ${writeResult(result).slice(root.length)}`);
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
