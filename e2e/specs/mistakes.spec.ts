/** Mistakes are told where they are, and lose nothing. */
import type { Site } from '../pages/site';
import { expect, oneVisit, test } from '../support/test';
import { trainOnDigits } from '../support/training';

/** Which weights the engine holds, as a figure. */
async function testAccuracy(site: Site): Promise<number> {
  await site.goTo('Test');
  await site.test.evaluate();
  return site.test.accuracy();
}

test.describe('on one visit', () => {
  const visit = oneVisit();

  test.beforeEach(async () => {
    await visit.site.goTo('Build');
    await visit.site.build.takeTemplate('LeNet-5');
    await visit.site.ready();
  });

  test('an impossible shape is shown at the layer that has it', async () => {
    const { site } = visit;
    const { build } = site;
    await build.layer('conv_2').click();
    await build.set('Kernel size', '99');
    await expect(build.layer('conv_2')).toContainText(/window of 99 does not fit/);
    await expect(build.mistakes).toHaveText('1 mistake');
    await expect(site.trainButton).toBeDisabled();
    await build.set('Kernel size', '5');
    await expect(build.mistakes).toHaveCount(0);
    await expect(site.trainButton).toBeEnabled();
  });

  test('a layer without an input says so', async () => {
    const { site } = visit;
    await site.build.disconnect('flatten', 'dense_1');
    await expect(site.build.mistakes).toBeVisible();
    await expect(site.trainButton).toBeDisabled();
  });

  test('the page says which build of the engine runs, and why', async () => {
    await expect(visit.site.page.getByTitle(/Build “threads-relaxed”.*cores?, relaxed SIMD/)).toBeVisible();
  });

  test('a loss that is no number ends the training with a reason, and the next one works', async () => {
    const { site } = visit;
    await site.goTo('Data');
    await site.data.choose('Drawn digits');
    await site.data.draw(4000, 1);
    await site.goTo('Train');
    await site.train.set('Epochs', '1');
    await site.train.set('Learning rate', '1e38');
    await site.train.button('Train').click();
    await expect(site.train.heading).toHaveText('Training failed', { timeout: 30_000 });
    await expect(site.train.card.getByRole('alert')).toContainText(/NaN|infinite|number/);
    await site.train.set('Learning rate', '0.001');
    await site.train.start();
    await site.train.finished();
    await site.goTo('Build');
  });

  test('what needs more memory than there is says so, and what is drawn stays', async () => {
    const { site } = visit;
    await site.build.layer('dense_1').click();
    await site.build.set('Units', '30000000');
    await site.goTo('Train');
    await site.train.button('Train').click();
    await expect(site.train.card.getByRole('alert')).toContainText('not enough memory');
    await site.goTo('Build');
    await site.build.set('Units', '120');
    await expect(site.trainButton).toBeEnabled();
  });

  test('a crash of the engine is told, and a restart brings everything back; in the middle of a training a reload does', async () => {
    const { site } = visit;
    await trainOnDigits(site);
    const accuracy = await testAccuracy(site);
    await site.goTo('Build');
    const layers = await site.build.layers.count();
    await site.crashEngine();
    await expect(site.banner).toContainText('stopped working');
    await expect(site.build.layers).toHaveCount(layers);
    await site.banner.getByRole('button', { name: 'Restart the engine' }).click();
    await expect(site.banner).toHaveCount(0);
    await site.ready();
    expect(await testAccuracy(site)).toBe(accuracy);

    await site.goTo('Train');
    await site.train.set('Epochs', '500');
    await site.train.set('Batch size', '1');
    await expect(site.status).toContainText('Saved here');
    await site.train.start('Start over');
    await site.train.reached(0);
    await site.crashEngine();
    await expect(site.train.heading).toHaveText('Training failed');
    await expect(site.train.card.getByRole('alert')).toContainText('weights of the last epoch that was kept');
    await site.reload();
    await expect(site.banner).toHaveCount(0);
    await expect(site.train.heading).toHaveText('Trained');
    expect(await testAccuracy(site)).toBe(accuracy);
  });
});
