/** The engine in a real Chromium, through the typed client and its worker, in each of its builds. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import type { BuildName, CreateEngineOptions } from '../client/types';
import type * as Scenarios from './harness/scenarios';
import { dist, openHarness, shared, type Harness } from './support/page';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

type Facts<Name extends keyof typeof Scenarios> = Awaited<ReturnType<(typeof Scenarios)[Name]>>;

type Options = Omit<CreateEngineOptions, 'onCrash'>;

async function run<Name extends keyof typeof Scenarios>(name: Name, options: Options): Promise<Facts<Name>> {
  const facts: unknown = await harness.page.evaluate(
    ([n, o]) => window.harness.run(n as keyof typeof Scenarios, o) as Promise<unknown>,
    [name as string, options] as const,
  );
  return facts as Facts<Name>;
}

beforeEach(() => {
  onTestFailed(() => console.error(harness.log.join('\n')));
  harness.log.length = 0;
});

const builds: readonly BuildName[] = ['threads-relaxed', 'threads', 'single'];
const main: Options = { build: 'threads-relaxed', threads: 2 };

describe.each(builds)('the build %s', (build) => {
  test('is there', () => expect(existsSync(resolve(dist, `trainyard-${build}.wasm`))).toBe(true));

  test('says what it is and knows the built-in models', async () => {
    const facts = await run('describe', { build, threads: 2 });
    expect(facts.info).toMatchObject({
      build,
      threads: build === 'single' ? 1 : 2,
      simd: build === 'threads-relaxed' ? 'relaxed' : 'simd128',
    });
    expect(facts.layers).toEqual(expect.arrayContaining(['Dense', 'Conv2D', 'MaxPooling2D', 'Flatten']));
    expect(facts.diagnosis).toMatchObject({ ok: true, revision: 5, diagnostics: [] });
    expect(facts.diagnosis.totals.params).toBe(61706);
    expect(facts.diagnosis.totals.training_bytes).toBeGreaterThan(4 * 61706);
    expect(facts.normalTwice).toBe(true);
  });

  test('trains LeNet-5 on drawn digits and tells how far it is', async () => {
    const { data, result, fractions, ends, evaluation, outputs, memory } = await run('train', { build, threads: 2 });
    expect(data).toMatchObject({ input_shape: [28, 28, 1], train_count: 2000, test_count: 500 });
    expect(result).toMatchObject({ state: 'finished', epoch: 3 });
    expect(ends).toEqual([0, 1, 2]);
    expect(fractions.length).toBeGreaterThan(3);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(evaluation.logs['accuracy']).toBeGreaterThan(0.8);
    expect(evaluation.confusion.flat().reduce((a, b) => a + b, 0)).toBe(500);
    expect(outputs[0]?.shape).toEqual([3, 10]);
    expect(outputs[0]?.values.reduce((a, b) => a + b, 0)).toBeCloseTo(3, 4);
    expect(memory.wasm_bytes).toBeGreaterThan(memory.data_bytes);
  });
});

test('callbacks stop a training, write for the page and speak', async () => {
  const facts = await run('callBack', main);
  expect(facts.epochs).toBe(3);
  expect(facts.messages).toEqual(['Epoch 3: early stopping']);
  expect(facts.paths.sort()).toEqual(['best-1.safetensors', 'best-2.safetensors', 'best-3.safetensors', 'log.csv']);
  expect(facts.log).toMatch(/^epoch,accuracy,loss,val_accuracy,val_loss\n0,/);
  expect(facts.resumable).toBe(false);
  expect(facts.refused).toBe('callback.no_files');
});

test('drawings are read while a training runs', async () => {
  const { result, answers, waits, read, seen, empty } = await run('drawWhileTraining', main);
  expect(result.state).toBe('finished');
  expect(answers.length).toBeGreaterThan(5);
  expect(answers.every((answer) => !answer.empty && Math.abs(answer.sum - 1) < 1e-4)).toBe(true);
  expect(answers.at(-1)?.steps).toBeGreaterThan(answers[0]?.steps ?? Infinity);
  expect(waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(400);
  expect(read).toEqual(['0', '1']);
  expect(seen).toMatchObject({ width: 28, height: 28 });
  expect(seen.values).toHaveLength(784);
  expect(empty).toBe(true);
});

test.each([main, { build: 'single' } as const])(
  'a stopped training goes on to the same weights: %o',
  async (options) => {
    const facts = await run('stopAndResume', options);
    expect(facts.stopped.state).toBe('stopped');
    expect(facts.finished.state).toBe('finished');
    expect(facts.halfway).not.toBe(facts.straight);
    expect(facts.resumed).toBe(facts.straight);
    expect(facts.resumable).toBe(true);
    expect(facts.fit).toMatchObject({ epochs: 3, batch_size: 32 });
    expect(facts.reopened).toBe(facts.halfway);
    expect(facts.later).toBe(facts.straight);
  },
);

test('the number of threads does not change a bit of the weights', async () => {
  const runs = await Promise.all(
    [1, 2, 3].map((threads) => run('weightsAfterTraining', { build: 'threads-relaxed', threads })),
  );
  expect(runs.map((facts) => facts.threads)).toEqual([1, 2, 3]);
  expect(new Set(runs.map((facts) => facts.hash)).size).toBe(1);
});

test('a saved model opens to the same answers', async () => {
  const facts = await run('saveAndOpen', main);
  expect(facts.after).toEqual(facts.before);
  expect(facts.other).not.toEqual(facts.before);
  expect(facts).toMatchObject({ ok: true, epochs: 1, labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] });
});

test('each mistake gets its message and changes nothing', async () => {
  const { outcomes, diagnostics, unchanged } = await run('badInput', main);
  for (const [name, outcome] of Object.entries(outcomes)) {
    expect(outcome, name).toMatchObject({ kind: 'invalid' });
    if (outcome !== 'accepted') expect(outcome.message.length, name).toBeGreaterThan(10);
  }
  const paths = Object.fromEntries(
    Object.entries(diagnostics).map(([name, items]) => [
      name,
      items.filter((item) => item.severity === 'error').map((item) => item.path),
    ]),
  );
  expect(paths).toEqual({
    unknownLayer: [expect.stringMatching(/^layers\[1\]/)],
    impossibleShape: [expect.stringMatching(/^layers\[1\]/)],
    groups: [expect.stringMatching(/^layers\[1\]\.groups/)],
    illTyped: [expect.stringMatching(/^layers\[1\]\.units/)],
  });
  expect(unchanged).toBe(true);
});

test('a loss that is no number ends the training with a word', async () => {
  const { failed, again } = await run('explode', main);
  expect(failed).toMatchObject({
    kind: 'invalid',
    message: expect.stringMatching(/nan|not a number|infinite/i) as string,
  });
  expect(again.state).toBe('finished');
});

test('a model larger than the memory is refused, and the engine works on', async () => {
  const { loaded, unchanged, result } = await run('tooLarge', main);
  expect(loaded).toMatchObject({ kind: 'out_of_memory' });
  expect(unchanged).toBe(true);
  expect(result.state).toBe('finished');
});

const withMnist = existsSync(resolve(shared, 'mnist/train-images-idx3-ubyte.gz'));
test.skipIf(!withMnist)(
  'reads the four files of MNIST, and leaves them to the page unless they are given away',
  async () => {
    expect(await run('mnist', main)).toMatchObject({
      info: {
        train_count: 60000,
        test_count: 10000,
        class_counts: expect.arrayContaining([5923, 6742]) as number[],
      },
      stillHere: true,
      same: true,
      givenAway: true,
    });
  },
);
if (!withMnist) console.warn(`SKIPPED reading MNIST: ${shared}/mnist has not its files`);

describe('an engine that fails', () => {
  const failures = (options: Options) => harness.page.evaluate((o) => window.harness.failures(o), options);

  test('by a trap: the call and all later ones are refused, and the page is told once', async () => {
    const { started, crashes, rejections } = await failures({ baseUrl: '/broken/', build: 'single' });
    expect(started).toBe(true);
    expect(crashes).toHaveLength(1);
    expect(rejections).toHaveLength(2);
    for (const error of rejections)
      expect(error).toMatchObject({ kind: 'crashed', message: expect.stringContaining('unreachable') as string });
  });

  test('by a trap in another thread than the one that waits for it', async () => {
    const { started, crashes, rejections } = await failures({ baseUrl: '/trap/', build: 'threads', threads: 2 });
    expect(started).toBe(true);
    expect(crashes).toHaveLength(1);
    expect(rejections).toMatchObject([{ kind: 'crashed' }, { kind: 'crashed' }]);
  });

  test('to load, because its files are not there', async () => {
    const { started, rejections } = await failures({ baseUrl: '/nowhere/', build: 'single' });
    expect(started).toBe(false);
    expect(rejections).toMatchObject([{ kind: 'crashed' }]);
  });
});

test('progress is read from shared memory, and keeps its place among the ends of epochs', async () => {
  const { sent, order, last } = await run('progress', main);
  expect(sent).toBe(0);
  expect(order.filter((event) => event.startsWith('end'))).toEqual(['end of 0', 'end of 1', 'end of 2']);
  for (const epoch of [0, 1]) {
    const next = order.indexOf(`in ${String(epoch + 1)}`);
    expect(next).toBeGreaterThan(order.indexOf(`end of ${String(epoch)}`));
  }
  expect(last).toBeCloseTo(3, 5);
});

test('a page that is not isolated gets the build of one thread, and is told why', async () => {
  const open = await openHarness({ isolated: false });
  try {
    const { info } = await open.page.evaluate(() => window.harness.run('describe'));
    expect(info).toMatchObject({
      build: 'single',
      threads: 1,
      reason: expect.stringContaining('not cross-origin isolated') as string,
    });
    const { sent, last } = await open.page.evaluate(() => window.harness.run('progress'));
    expect(sent, 'where memory cannot be shared, progress is sent').toBeGreaterThan(3);
    expect(last).toBeGreaterThan(2);
  } finally {
    await open.close();
  }
});

test('where the threads do not start, the build of one thread takes their place, and says why', async () => {
  await harness.page.route(/trainyard-threads.*\.wasm/, (route) => route.abort());
  try {
    const { info } = await run('describe', {});
    expect(info).toMatchObject({ build: 'single', threads: 1 });
    expect(info.reason).toMatch(/^threads could not be started \(.+\), so one thread$/);
  } finally {
    await harness.page.unroute(/trainyard-threads.*\.wasm/);
  }
});
