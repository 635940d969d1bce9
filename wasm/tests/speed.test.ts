/** Speed in Chromium, for the record: `npm run bench --workspace wasm`. Not a test of anything, so skipped otherwise. */
import { loadavg } from 'node:os';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { BuildName } from '../client/types';
import { openHarness, type Harness } from './support/page';

const builds: readonly (readonly [BuildName, number])[] = [
  ['threads-relaxed', 1],
  ['threads-relaxed', 2],
  ['threads', 2],
  ['single', 1],
];

describe.skipIf(process.env['TRAINYARD_BENCH'] === undefined)('images a second at batch 128', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await openHarness();
  });
  afterAll(() => harness.close());

  test.each(builds)('%s, %i thread(s)', async (build, threads) => {
    const { info, rows } = await harness.page.evaluate((o) => window.harness.run('speed', o), { build, threads });
    console.info(`${info.build}, ${info.threads} thread(s); load ${loadavg()[0]?.toFixed(1) ?? '?'}`);
    console.table(
      rows.map(({ name, train, predict, firstStepMs, memory }) => ({
        model: name,
        'train/s': Math.round(train),
        'predict/s': Math.round(predict),
        'first step ms': Math.round(firstStepMs),
        'wasm MB': Math.round(memory.wasm_bytes / 2 ** 20),
        'arena MB': Math.round(memory.arena_bytes / 2 ** 20),
      })),
    );
    for (const row of rows) {
      console.info(`${row.name}: slowest ops`);
      console.table(
        row.profile.map((entry) => ({ op: entry.op, layer: entry.layer, ms: Math.round(entry.milliseconds) })),
      );
    }
  });
});
