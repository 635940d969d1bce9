/** What looks on while a training runs: switches in the Train place, what they do, and what they write. */
import { readFile } from 'node:fs/promises';
import { expect, oneVisit, test } from '../support/test';

const visit = oneVisit();

/** A template brings its settings: no callback is on, whatever the test before this one did. */
test.beforeEach(async () => {
  const { site } = visit;
  await site.goTo('Build');
  await site.build.takeTemplate('Two inputs, two outputs');
  await site.ready();
  await site.goTo('Train');
  await site.train.openCallbacks();
});

test('early stopping ends the training before its last epoch, and says so', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  await site.train.set('Epochs', '2000');
  await site.train.callback('EarlyStopping').click();
  const options = page.getByRole('group', { name: 'Options of EarlyStopping' });
  await expect(options.getByRole('switch', { name: 'Restore best weights' })).toBeChecked();
  await options.getByLabel(/^Monitor/).selectOption('kind_accuracy');
  await options.getByLabel(/^Patience/).fill('5');
  await site.train.start();
  await site.train.finished();
  expect((await site.train.curve()).loss.length).toBeLessThan(600);
});

test('a log and the best model are written and can be saved', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  await site.train.set('Epochs', '12');
  await site.train.set('Validation split', '0.2');
  await site.train.callback('CSVLogger').click();
  await site.train.callback('ModelCheckpoint').click();
  await site.train.callback('ReduceLROnPlateau').click();
  await site.train.callback('TerminateOnNaN').click();
  await site.train.start();
  await site.train.finished();
  const files = page.getByRole('region', { name: 'Callbacks' }).getByRole('list', { name: 'Files' });
  const [log] = await Promise.all([
    page.waitForEvent('download'),
    files.getByRole('button', { name: /log\.csv/ }).click(),
  ]);
  const rows = (await readFile(await log.path(), 'utf8')).trim().split('\n');
  expect(rows).toHaveLength(13);
  expect(rows[0]).toMatch(/^epoch,.*kind_accuracy.*val_loss/);
  const [best] = await Promise.all([
    page.waitForEvent('download'),
    files.getByRole('button', { name: /best\.safetensors/ }).click(),
  ]);
  expect((await readFile(await best.path())).byteLength).toBeGreaterThan(1000);
});

test('a checkpoint opens as a model, with the settings it was trained by', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  await site.train.set('Epochs', '3');
  await site.train.callback('ModelCheckpoint').click();
  await site.train.start();
  await site.train.finished();
  const [best] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /best\.safetensors/ }).click(),
  ]);
  const bytes = await readFile(await best.path());
  await site.goTo('Export');
  await site.export.open('best.safetensors', bytes);
  await expect(page.getByText('Opened best.safetensors.')).toBeVisible();
  await site.goTo('Train');
  await expect(site.train.callback('ModelCheckpoint')).toBeChecked();
});

test('a value that a callback cannot have is refused at its field', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  await site.train.callback('ReduceLROnPlateau').click();
  const options = page.getByRole('group', { name: 'Options of ReduceLROnPlateau' });
  await options.getByLabel(/^Factor/).fill('1.5');
  await expect(options).toContainText('At most 1.');
  await site.train.callback('ReduceLROnPlateau').click();
  await site.train.callback('ModelCheckpoint').click();
  await page.getByLabel(/^Filepath/).fill('best.txt');
  await expect(page.getByRole('group', { name: 'Options of ModelCheckpoint' })).toContainText(/safetensors/);
  await expect(site.train.button('Train')).toBeDisabled();
});

test('classes can be balanced, and metrics added', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  // Fitted to the flowers, which are loaded; classes are weighed where there is one output.
  await site.goTo('Build');
  await site.build.takeTemplate('MLP');
  await site.ready();
  await site.goTo('Train');
  await page.locator('summary', { hasText: 'Class weights' }).click();
  await page.getByLabel('setosa').fill('3');
  await page.locator('summary', { hasText: 'Advanced' }).first().click();
  await page.getByRole('combobox', { name: 'Add to metrics' }).selectOption('SparseTopKCategoricalAccuracy');
  await site.train.set('Epochs', '20');
  await site.train.start();
  await site.train.finished();
  await expect(site.train.card).toContainText('Sparse top k categorical accuracy');
});
