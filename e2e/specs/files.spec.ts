/** Files out and in, and files that are none. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Site } from '../pages/site';
import { tensorsOf } from '../support/safetensors';
import { digits } from '../support/digits';
import { expect, oneVisit, test } from '../support/test';
import { trainOnDigits } from '../support/training';

test('a saved model opens on another visit with its network, its weights and its answers', async ({
  site,
  page,
  browser,
}) => {
  await site.open();
  await trainOnDigits(site);
  await site.goTo('Test');
  await site.test.draw(digits[0] ?? []);
  await expect(site.test.answer).toHaveText('0');
  await site.test.settled();
  const answers = await site.test.probabilities.allTextContents();
  await site.goTo('Export');
  const saved = await site.export.save();

  const other = await browser.newPage();
  const second = new Site(other, site.url);
  await second.open();
  await second.build.clear();
  await second.goTo('Export');
  await second.export.open('mine.safetensors', saved);
  await expect(second.messages).toContainText('Opened mine.safetensors');
  await expect(second.build.layers).toHaveCount(9);
  await second.goTo('Test');
  await second.test.draw(digits[0] ?? []);
  await expect(second.test.answer).toHaveText('0');
  await second.test.settled();
  expect(await second.test.probabilities.allTextContents()).toEqual(answers);
  await second.goTo('Export');
  expect(tensorsOf(await second.export.save()).equals(tensorsOf(saved))).toBe(true);
  await other.close();
  await page.close();
});

test.describe('a file that is none', () => {
  const visit = oneVisit();

  test('a broken model file is refused by name, and the network stays', async () => {
    const { site } = visit;
    const before = await site.build.layers.count();
    await site.goTo('Export');
    await site.export.open('broken.safetensors', Buffer.from('this is no model'));
    await expect(site.messages).toContainText(/broken\.safetensors could not be opened/);
    await site.export.open('broken.json', Buffer.from('{"class_name": '));
    await expect(site.messages).toContainText(/broken\.json could not be opened/);
    await site.goTo('Build');
    await expect(site.build.layers).toHaveCount(before);
  });

  test('a broken data file is refused with a reason, and the data stays', async () => {
    const { site } = visit;
    await site.goTo('Data');
    await site.data.choose('Iris');
    await site.data.openFile('train.csv', Buffer.from('a,b,label\n1,2\n'));
    await expect(site.data.failure).toContainText('train.csv');
    await expect(site.data.figure('Training')).toContainText('samples');
  });

  test('a model that cannot be read here is told from data, with what to do', async () => {
    const { site } = visit;
    await site.goTo('Export');
    await site.export.open('mine.keras', Buffer.from('PK'));
    await expect(site.messages).toContainText(/mine\.keras cannot be opened here.*to_json/);
    await expect(site.page.getByRole('main', { name: 'Export' })).toBeVisible();
  });

  test('a folder of pictures is read, and nothing else that lies in it', async ({}, info) => {
    const { site } = visit;
    const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    for (const name of ['cat', 'dog']) {
      const folder = info.outputPath('animals', name);
      await mkdir(folder, { recursive: true });
      for (let i = 0; i < 5; i += 1) await writeFile(join(folder, `${i}.png`), Buffer.from(dot, 'base64'));
    }
    await writeFile(info.outputPath('animals', 'notes.txt'), 'nothing');
    await site.goTo('Data');
    await site.page.getByLabel('Choose a folder of pictures').setInputFiles(info.outputPath('animals'));
    await expect(site.data.figure('Classes')).toHaveText('2');
    await expect(site.data.offer('Your own pictures')).toHaveAttribute('aria-pressed', 'true');
  });
});
