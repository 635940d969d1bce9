/** What a stranger does in a first visit, with networks that read: break, undo, train, stop, go on, ask, save, come back without a network. */
import { Site } from '../pages/site';
import { expect, oneVisit, test } from '../support/test';

test.use({ serviceWorkers: 'allow' });

const good = 'the soup was not bad';
const bad = 'our bread was not fresh';

async function answers(site: Site, text: string): Promise<string> {
  await site.goTo('Test');
  await site.page.getByLabel('Text', { exact: true }).fill(text);
  await expect(site.test.answer).not.toHaveText('?');
  await site.test.settled();
  return (await site.test.answer.textContent()) ?? '';
}

test(
  'a text reader is trained, asked, saved, and is still there with the server down',
  { tag: '@long' },
  async ({ page, server }) => {
    const site = new Site(page, server.url);
    await site.open();
    await site.build.takeTemplate('Text: embedding and LSTM');
    await site.ready();
    await site.goTo('Train');
    await site.train.start();
    await site.train.finished();
    expect(await answers(site, good)).toBe('good');
    expect(await answers(site, bad)).toBe('bad');
    await site.test.evaluate();
    expect(await site.test.accuracy()).toBeGreaterThan(95);
    await site.goTo('Export');
    const file = await site.export.save();
    await expect(site.status).toContainText('Works offline', { timeout: 60_000 });
    await server.stop();
    await site.reload();
    expect(await answers(site, good)).toBe('good');
    await site.goTo('Export');
    await site.export.open('reader.safetensors', file);
    await expect(page.getByText('Opened reader.safetensors.')).toBeVisible();
    expect(await answers(site, bad)).toBe('bad');
  },
);

test.describe('on one visit', () => {
  const visit = oneVisit();

  test('a transformer that is broken, mended, stopped and resumed reads digits', { tag: '@long' }, async () => {
    const { site } = visit;
    const { page } = site;
    await site.goTo('Data');
    await site.data.choose('Drawn digits');
    await site.goTo('Build');
    await site.build.takeTemplate('Attention: transformer');
    await site.ready();
    await site.build.layer('narrow_1').click();
    await site.build.set('Units', '47');
    await expect(site.build.mistakes).toHaveText('1 mistake');
    await expect(site.trainButton).toBeDisabled();
    await site.build.deselect();
    await page.keyboard.press('Control+z');
    await site.ready();
    await site.goTo('Train');
    await site.train.set('Epochs', '1');
    await site.train.start();
    await site.train.reached(15);
    await site.train.stop();
    const stopped = await site.train.number('Accuracy');
    await site.train.start('Resume');
    await expect.poll(() => site.train.number('Accuracy'), { timeout: 60_000 }).toBeGreaterThan(stopped + 5);
    await site.train.stop();
  });

  test('a table of one’s own with numbers and words is fitted, trained and asked', async () => {
    const { site } = visit;
    const { page } = site;
    const rows = Array.from({ length: 240 }, (_, i) => {
      const age = (i * 37) % 60;
      const city = i % 3 === 0 ? 'Bonn' : 'Ulm';
      return `${age},${city},${age > 30 === (city === 'Bonn') ? 'yes' : 'no'}`;
    });
    await site.goTo('Data');
    await site.data.openFile('shop.csv', Buffer.from(['age,city,bought', ...rows].join('\n')));
    await expect(page.getByRole('cell', { name: 'Bonn' }).first()).toBeVisible();
    await page.getByRole('button', { name: 'Fit the network to this data' }).click();
    await site.goTo('Train');
    await site.ready();
    await site.train.start();
    await site.train.finished();
    await site.goTo('Test');
    await page.getByLabel('Age', { exact: true }).fill('55');
    await page.getByLabel('City').selectOption('Bonn');
    await expect(site.test.answer).toHaveText('yes');
    await page.getByLabel('City').selectOption('Ulm');
    await expect(site.test.answer).toHaveText('no');

    // Another table, of one class and in another order, is read as the first one was.
    const buyers = rows.filter((row) => row.endsWith('yes')).map((row) => row.replace(/^(\w+),(\w+)/, '$2,$1'));
    await site.goTo('Data');
    await site.data.openFile('buyers.csv', Buffer.from(['city,age,bought', ...buyers].join('\n')));
    await expect(page.getByRole('cell', { name: 'Ulm' }).first()).toBeVisible();
    await site.goTo('Test');
    await site.test.evaluate();
    expect(await site.test.accuracy()).toBeGreaterThan(95);
    await page.getByLabel('Age', { exact: true }).fill('5');
    await page.getByLabel('City').selectOption('Bonn');
    await expect(site.test.answer).toHaveText('no');
  });
});
