/** Every template can be taken by one click, fits its data, learns, and answers. */
import { digits } from '../support/digits';
import { expect, oneVisit, test } from '../support/test';
import type { Site } from '../pages/site';

/** `about`: what the Test place asks with. `accuracy`: in percent of the training set, soon reached. */
interface Expectation {
  title: string;
  ask: 'picture' | 'text' | 'row';
  accuracy: number;
}

const expected: readonly Expectation[] = [
  { title: 'LeNet-5', ask: 'picture', accuracy: 50 },
  { title: 'CNN', ask: 'picture', accuracy: 50 },
  { title: 'MLP', ask: 'picture', accuracy: 50 },
  { title: 'Small ResNet', ask: 'picture', accuracy: 50 },
  { title: 'Autoencoder', ask: 'picture', accuracy: 50 },
  { title: 'Sequence: Conv1D and GRU', ask: 'picture', accuracy: 50 },
  { title: 'LSTM over rows', ask: 'picture', accuracy: 50 },
  { title: 'Attention: transformer', ask: 'picture', accuracy: 50 },
  { title: 'Text: embedding and LSTM', ask: 'text', accuracy: 90 },
  { title: 'Two inputs, two outputs', ask: 'row', accuracy: 80 },
];

async function ask(site: Site, kind: Expectation['ask']): Promise<void> {
  await site.goTo('Test');
  if (kind === 'picture') await site.test.draw(digits[1] ?? []);
  else if (kind === 'text') await site.page.getByLabel('Text', { exact: true }).fill('the soup was not bad');
  else await site.page.getByRole('button', { name: 'Take one from the test set' }).click();
  await expect(site.test.probabilities.first()).not.toHaveAccessibleName(/no answer yet/);
}

/** One visit for all of them: each is taken over what the one before it left. */
test.describe('each template', { tag: '@long' }, () => {
  const visit = oneVisit();
  test.beforeAll(async () => {
    await visit.site.goTo('Data');
    await visit.site.data.choose('Drawn digits');
  });

  for (const { title, ask: kind, accuracy } of expected) {
    test(`${title} learns, and answers`, async () => {
      const { site } = visit;
      await site.goTo('Build');
      await site.build.takeTemplate(title);
      await site.ready();
      await expect(site.build.mistakes).toHaveCount(0);
      await site.goTo('Train');
      // Nothing is left of the one before that could pass for this one's.
      await expect(site.train.heading).not.toHaveText(/Training|Stopped|Trained/);
      await site.train.start();
      await expect
        .poll(() => site.train.number('Accuracy'), { timeout: 60_000, intervals: [100] })
        .toBeGreaterThan(accuracy);
      const { loss } = await site.train.curve();
      expect(loss.length).toBeGreaterThan(1);
      expect(loss.at(-1)).toBeLessThan(loss[0] ?? 0);
      await expect(site.messages.getByRole('listitem')).toHaveCount(0);
      await ask(site, kind);
      await site.goTo('Train');
      await site.train.end();
    });
  }
});

test.describe('a template', () => {
  const visit = oneVisit();

  test.beforeEach(async () => {
    await visit.site.goTo('Build');
    await visit.site.build.takeTemplate('LeNet-5');
    await visit.site.ready();
  });

  test('a template is taken by dropping it on the canvas, and undone', async () => {
    const { site } = visit;
    const { page } = site;
    const before = await site.build.layers.count();
    await page.locator('summary', { hasText: 'Templates' }).click();
    await page.getByRole('button', { name: 'Take the template Small ResNet' }).dragTo(site.build.canvas);
    await expect(site.build.layer('stem')).toBeVisible();
    await page.keyboard.press('Control+z');
    await expect(site.build.layers).toHaveCount(before);
  });

  test('undoing a template brings its data back too', { tag: '@long' }, async () => {
    const { site } = visit;
    const { page } = site;
    await site.build.takeTemplate('Two inputs, two outputs');
    await site.ready();
    await page.keyboard.press('Control+z');
    await expect(site.build.layer('conv_1')).toBeVisible();
    await site.ready();
    await expect(site.build.mistakes).toHaveCount(0);
    await page.keyboard.press('Control+y');
    await expect(site.build.layer('petal_width')).toBeVisible();
    await site.ready();
    await site.goTo('Data');
    await expect(site.data.offer('Iris')).toHaveAttribute('aria-pressed', 'true');
  });

  test('what an autoencoder draws again is shown beside the answer', { tag: '@long' }, async () => {
    const { site } = visit;
    const { page } = site;
    await site.build.takeTemplate('Autoencoder');
    await site.ready();
    await ask(site, 'picture');
    await expect(page.getByRole('img', { name: 'Output Copy', exact: true })).toBeVisible();
  });

  test('the second output tells its guess in the unit of its column', { tag: '@long' }, async () => {
    const { site } = visit;
    const { page } = site;
    await site.build.takeTemplate('Two inputs, two outputs');
    await site.ready();
    await site.goTo('Test');
    await expect(page.getByRole('textbox')).toHaveCount(2);
    await site.test.evaluate();
    const guessing = await site.test.accuracy();
    await page.getByRole('button', { name: 'Take one from the test set' }).click();
    await expect(page.getByRole('region', { name: 'Other outputs' })).toContainText(/Petal length -?\d/);
    await site.goTo('Train');
    await site.train.start();
    await site.train.finished();
    await site.goTo('Test');
    await site.test.evaluate();
    expect(await site.test.accuracy()).toBeGreaterThan(Math.max(80, guessing));
  });
});
