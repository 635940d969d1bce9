/** The numbers of the WebAssembly builds against those of real Keras: the golden program, in Chromium. */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { besides, openHarness, type Harness } from './support/page';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

/** The case files of a folder, `model.x/case.safetensors` among them. */
function casesIn(name: 'cases' | 'more'): Record<string, string> {
  const folder = besides[name];
  if (!existsSync(folder)) {
    console.warn(`SKIPPED the golden cases of ${folder}: it is not there`);
    return {};
  }
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    paths.filter((path) => /\.(safetensors|json)$/.test(path)).map((path) => [path, `/${name}/${path}`]),
  );
}

// The third build, threads without relaxed SIMD, has the kernels of `single`.
test.each(['threads-relaxed', 'single'])(
  'the build %s computes what Keras computed',
  async (build) => {
    const args = build === 'single' ? ['--threads', '1'] : [];
    const request = { script: `/golden/golden-${build}.js`, args, cases: { ...casesIn('more'), ...casesIn('cases') } };
    const { status, lines } = await harness.page.evaluate((r) => window.harness.golden(r), request);
    const failed = lines.filter((line) => line.startsWith('FAILED'));
    expect(failed, lines.slice(-40).join('\n')).toEqual([]);
    console.info(`golden cases, ${build}: ${lines.at(-1) ?? ''}`);
    expect(lines.at(-1)).toMatch(/^[1-9]\d+ passed, 0 failed, \d+ skipped$/);
    expect(status).toBe(0);
  },
  400_000,
);
