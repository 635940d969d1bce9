/** Each output learns what it is told: the label, a column of numbers, or the sample itself. */
import { expect, oneVisit, test } from '../support/test';

const visit = oneVisit();

/** A template brings its settings: nothing is left of what the test before this one chose. */
test.beforeEach(async () => {
  await visit.site.goTo('Build');
  await visit.site.build.takeTemplate('MLP');
  await visit.site.ready();
});

test('two outputs learn two columns, and go on knowing which after a reload', { tag: '@long' }, async () => {
  const { site } = visit;
  await site.build.takeTemplate('Two inputs, two outputs');
  await site.ready();
  await site.goTo('Train');
  const { train } = site;
  await expect(train.field('Target of kind')).toHaveValue('label');
  await expect(train.field('Target of guessed length')).toHaveValue('petal_length');

  // Its width is what it is computed from: a warning, where it was chosen.
  await train.choose('Target of guessed length', 'petal_width');
  await expect(train.explanation('Target of guessed length')).toContainText(/petal_width.* goes into the network/);
  await train.choose('Target of guessed length', 'label');
  await expect(train.explanation('Target of guessed length')).not.toContainText(/goes into/);

  await train.choose('Target of guessed length', 'petal_length');
  await train.start();
  await train.finished();
  expect(await train.number('Accuracy')).toBeGreaterThan(80);
  expect(await train.number('Guessed length loss')).toBeLessThan(0.3);

  await expect(site.status).toContainText('Saved here');
  await site.reload();
  await site.goTo('Test');
  await site.test.evaluate();
  expect(await site.test.accuracy()).toBeGreaterThan(80);
  await expect(site.test.figure('Guessed length loss')).toHaveText(/^0\.[012]/);
});

const layer = (class_name: string, config: object) => ({ class_name, config });
const copier = {
  class_name: 'Sequential',
  config: {
    name: 'copier',
    layers: [
      layer('InputLayer', { name: 'picture', batch_shape: [null, 28, 28, 1] }),
      layer('Flatten', { name: 'pixels' }),
      layer('Dense', { name: 'code', units: 16, activation: 'relu' }),
      layer('Dense', { name: 'copy', units: 784, activation: 'sigmoid' }),
    ],
  },
};

test('a network that only copies its input is trained and shown as such', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  await site.goTo('Data');
  await site.data.choose('Drawn digits');
  await site.goTo('Export');
  await site.export.open('copier.json', Buffer.from(JSON.stringify(copier)));
  await site.ready();
  await site.goTo('Train');
  await expect(site.train.field('Target')).toHaveValue('input');
  await expect(site.train.field('Loss')).toHaveValue('MeanSquaredError');
  await site.train.set('Epochs', '1');
  await site.train.start();
  await site.train.finished();
  expect(await site.train.number('Loss')).toBeLessThan(0.1);
  await site.goTo('Test');
  await site.test.draw([
    [
      { x: 0.5, y: 0.2 },
      { x: 0.5, y: 0.8 },
    ],
  ]);
  await expect(page.getByRole('img', { name: 'Output Copy', exact: true })).toBeVisible();
  await expect(site.test.probabilities).toHaveCount(0);
  await site.test.evaluate();
  await expect(page.getByRole('table', { name: 'Confusion matrix' })).toHaveCount(0);
});

test('a table that is sorted by class is mixed, unless it is to keep its order', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  await site.goTo('Data');
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 5},${i < 30 ? 'early' : 'late'}`);
  await site.data.openFile('sorted.csv', Buffer.from(['a,b,kind', ...rows].join('\n')));
  await expect(site.data.mixed).toBeChecked();
  await page.getByRole('button', { name: 'Fit the network to this data' }).click();
  await site.goTo('Train');
  await site.ready();
  await expect(site.train.field('Validation split')).toHaveValue('0.2');

  await site.goTo('Data');
  await site.data.mixed.click();
  await expect(site.data.mixed).not.toBeChecked();
  await site.goTo('Train');
  await expect(site.train.field('Validation split')).toHaveValue('0');
  await site.train.set('Validation split', '0.2');
  await expect(page.getByRole('group', { name: 'Training settings' })).toContainText(/order of their classes/);
});

test(
  'of a table with gaps the whole rows are taken, and any column can be what is predicted',
  { tag: '@long' },
  async () => {
    const { site } = visit;
    const { page } = site;
    const rows = Array.from({ length: 60 }, (_, i) => `${i % 2},${i % 9 === 4 ? '' : 20 + i},${i % 3}`);
    await site.goTo('Data');
    await site.data.openFile('survey.csv', Buffer.from(['answer,age,group', ...rows].join('\n')));
    await expect(site.data.failure).toContainText("column 'age' has no value");
    await expect(site.data.failure).toContainText('and 4 more');
    await page.getByRole('button', { name: 'Leave rows with gaps out' }).click();
    await expect(page.getByText('7 rows with gaps were left out')).toBeVisible();
    await expect(site.data.figure('Classes')).toHaveText('3');
    await page.getByLabel('What to predict').selectOption('answer');
    await expect(site.data.figure('Classes')).toHaveText('2');
    await expect(site.data.figure('Training')).toHaveText('43 samples');
  },
);
