/** The first minute on a phone, by touch alone. */
import { devices } from '@playwright/test';
import { digits } from '../support/digits';
import { drawByTouch } from '../support/touch';
import { expect, oneVisit, test } from '../support/test';

const { viewport, userAgent, deviceScaleFactor } = devices['Pixel 7'];
test.use({ viewport, userAgent, deviceScaleFactor, isMobile: true, hasTouch: true });

test('opens on a network that makes sense, trains by one tap and reads what a finger draws', async ({ site, page }) => {
  await site.open();
  await expect(site.build.layer('conv_1')).toBeVisible();
  const button = await site.trainButton.boundingBox();
  expect(button?.height).toBeGreaterThanOrEqual(44);
  expect(button?.y).toBeGreaterThan((viewport.height * 2) / 3);
  await site.trainButton.tap();
  await expect(site.train.heading).toHaveText('Training', { timeout: 30_000 });
  await site.train.reached(3);
  await site.goTo('Test');
  await drawByTouch(page, site.test.pad, digits[1] ?? []);
  await expect(site.test.answer).toHaveText('1');
});

test.describe('on one visit', () => {
  const visit = oneVisit();

  test.beforeEach(async () => {
    await visit.site.goTo('Build');
    await visit.site.build.takeTemplate('LeNet-5');
    await visit.site.ready();
  });

  test('adds and edits a layer in sheets', async () => {
    const { site } = visit;
    const { page } = site;
    await page.getByRole('button', { name: 'Layer', exact: true }).tap();
    const layers = page.getByRole('dialog', { name: 'Layers' });
    const before = await site.build.layers.count();
    await layers.getByRole('button', { name: 'Add Dense', exact: true }).tap();
    await expect(site.build.layers).toHaveCount(before + 1);
    await layers.getByRole('button', { name: 'Close Layers' }).tap();
    await page.getByRole('button', { name: 'Show the whole network' }).tap();
    await site.build.layer('conv_1').tap();
    const layer = page.getByRole('dialog', { name: 'Layer' });
    await layer.getByLabel(/^Filters( required)?$/).fill('9');
    await expect(site.build.layer('conv_1')).toContainText('28 × 28 × 9');
  });

  test('has nothing wider than the screen', async () => {
    const { site } = visit;
    const { page } = site;
    for (const place of ['Build', 'Data', 'Train', 'Test', 'Export'] as const) {
      await site.goTo(place);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, place).toBeLessThanOrEqual(viewport.width);
    }
  });

  test('finds a layer by what it does, and takes a template, by touch alone', async () => {
    const { site } = visit;
    const { page } = site;
    await page.getByRole('button', { name: 'Layer', exact: true }).tap();
    const layers = page.getByRole('dialog', { name: 'Layers' });
    await layers.getByRole('searchbox', { name: 'Search layers' }).fill('both ends');
    await layers.getByRole('button', { name: 'Add Bidirectional' }).tap();
    await expect(site.build.layer('bidirectional')).toBeAttached();
    await layers.getByRole('searchbox', { name: 'Search layers' }).fill('');
    await layers.locator('summary', { hasText: 'Templates' }).tap();
    await layers.getByRole('button', { name: 'Take the template LSTM over rows' }).tap();
    await expect(layers).toHaveCount(0);
    await expect(site.build.layer('lstm')).toBeVisible();
  });

  test('has a drawing pad that fits the screen when it is held sideways', async () => {
    const { site } = visit;
    const { page } = site;
    await page.setViewportSize({ width: viewport.height, height: viewport.width });
    try {
      await site.goTo('Test');
      const pad = await site.test.pad.boundingBox();
      const clear = await page.getByRole('button', { name: 'Clear' }).boundingBox();
      const place = await page.getByRole('heading', { name: 'Test', exact: true }).boundingBox();
      const bar = await page.getByRole('navigation', { name: 'Places' }).boundingBox();
      expect(pad?.width).toBeGreaterThan(180);
      const needed = (clear?.y ?? Infinity) + (clear?.height ?? 0) - (pad?.y ?? 0);
      expect(needed).toBeLessThanOrEqual((bar?.y ?? 0) - (place?.y ?? 0));
    } finally {
      await page.setViewportSize(viewport);
    }
  });

  test('has letters in its fields that a phone need not zoom in on', async () => {
    const { site } = visit;
    const { page } = site;
    const sizes = () =>
      page
        .locator('input:not([type=file], [type=checkbox]), select, textarea')
        .evaluateAll((fields) => fields.map((field) => Number.parseFloat(getComputedStyle(field).fontSize)));
    await site.build.takeTemplate('Text: embedding and LSTM');
    await site.ready();
    await page.getByRole('button', { name: 'Layer', exact: true }).tap();
    expect(Math.min(...(await sizes()))).toBeGreaterThanOrEqual(16);
    for (const place of ['Train', 'Test'] as const) {
      await site.goTo(place);
      await expect(page.locator('input, textarea').first()).toBeAttached();
      expect(Math.min(...(await sizes())), place).toBeGreaterThanOrEqual(16);
    }
  });

  test('connects two layers by tapping their ports', async () => {
    const { site } = visit;
    const { page } = site;
    await site.build.takeTemplate('Attention: transformer');
    await site.ready();
    await page.getByLabel('Output of rows', { exact: true }).tap();
    await page.getByLabel('Input value of attention_1', { exact: true }).tap();
    await expect(site.build.connection('rows', 'attention_1')).toBeAttached();
  });

  test('has nothing wider than the screen with other data and with callbacks open', async () => {
    const { site } = visit;
    const { page } = site;
    for (const title of ['Text: embedding and LSTM', 'Two inputs, two outputs']) {
      await site.goTo('Build');
      await site.build.takeTemplate(title);
      await site.ready();
      await site.goTo('Train');
      await site.train.openCallbacks();
      await site.train.callback('ModelCheckpoint').tap();
      for (const place of ['Train', 'Data', 'Test', 'Export'] as const) {
        await site.goTo(place);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, `${title}, ${place}`).toBeLessThanOrEqual(viewport.width);
      }
    }
  });
});
