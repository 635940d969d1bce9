/** The main job: a network drawn by hand learns to read handwriting, and reads what is drawn. */
import type { Page } from '@playwright/test';
import { Site } from '../pages/site';
import { digits } from '../support/digits';
import { watchFrames } from '../support/frames';
import { hasMnist } from '../support/server';
import { expect, test } from '../support/test';

if (!hasMnist) console.warn('SKIPPED LeNet-5 on MNIST: the files of MNIST do not lie beside the site');

test.describe('LeNet-5, drawn layer by layer, on MNIST', () => {
  test.describe.configure({ mode: 'serial' });
  test.skip(!hasMnist, 'MNIST does not lie beside the site');
  let page: Page;
  let site: Site;

  test.beforeAll(async ({ browser, sharedServer }) => {
    page = await browser.newPage();
    site = new Site(page, sharedServer.url);
    await site.open();
  });
  test.afterAll(() => page.close());

  test('is built from the palette and the inspector', async () => {
    const { build } = site;
    await build.clear();
    await build.add('InputLayer');
    await build.add('Conv2D');
    await build.set('Name', 'conv_1');
    await build.set('Filters', '6');
    await build.set('Kernel size', '5');
    await build.choose('Padding', 'same');
    await build.choose('Activation', 'relu');
    await expect(build.output).toHaveText('28 × 28 × 6');
    await build.add('MaxPooling2D');
    await build.add('Conv2D');
    await build.set('Name', 'conv_2');
    await build.set('Filters', '16');
    await build.set('Kernel size', '5');
    await build.choose('Activation', 'relu');
    await expect(build.output).toHaveText('10 × 10 × 16');
    await build.add('MaxPooling2D');
    await build.add('Flatten');
    await expect(build.output).toHaveText('400');
    for (const [units, activation] of [
      ['120', 'relu'],
      ['84', 'relu'],
      ['10', 'softmax'],
    ] as const) {
      await build.add('Dense');
      await build.set('Units', units);
      await build.choose('Activation', activation);
    }
    await expect(site.status).toContainText('61.7k parameters');
    await expect(build.mistakes).toHaveCount(0);
  });

  test('has connections that are cut and drawn with the pointer', async () => {
    const { build } = site;
    await build.disconnect('flatten', 'dense');
    await expect(build.mistakes).toBeVisible();
    await build.connect('flatten', 'dense');
    await expect(build.mistakes).toHaveCount(0);
    await expect(site.status).toContainText('61.7k parameters');
  });

  test('trains while the page is used: frames keep coming and drawings are answered', async () => {
    await site.goTo('Train');
    await site.train.set('Epochs', '1');
    await site.train.set('Batch size', '32');
    await site.train.set('Validation split', '0');
    await site.train.start();
    const frames = await watchFrames(page);
    await site.goTo('Test');
    await site.test.draw(digits[0] ?? []);
    await expect(site.test.answer).toHaveText(/\d/);
    await site.goTo('Train');
    await expect(site.train.heading).toHaveText('Training');
    const before = await site.train.number('Accuracy');
    await site.train.reached(80);
    expect(await site.train.number('Accuracy')).toBeGreaterThan(before);
    const seen = await frames.end();
    expect(seen.count).toBeGreaterThan(seen.seconds * 5);
    expect(seen.longestGapMs).toBeLessThan(1500);
    await site.train.finished();
  });

  test('reads 97 % or more of the test set', async () => {
    await site.goTo('Test');
    await site.test.evaluate();
    expect(await site.test.accuracy()).toBeGreaterThanOrEqual(97);
  });

  test('reads digits drawn with the pointer', async () => {
    await site.goTo('Test');
    const read: string[] = [];
    for (const strokes of digits) {
      await site.test.clear();
      await site.test.draw(strokes);
      await expect(site.test.answer).toHaveText(/\d/);
      await site.test.settled();
      read.push((await site.test.answer.textContent()) ?? '');
    }
    expect(read).toEqual(digits.map((_, digit) => String(digit)));
  });
});
