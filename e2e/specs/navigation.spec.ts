/** The browser's own ways of going about: Back, Forward, reload, double clicks; and what a screen reader finds. */
import { availableParallelism } from 'node:os';
import { Site } from '../pages/site';
import { brokenRules } from '../support/axe';
import { expect, oneVisit, test } from '../support/test';

const visit = oneVisit();

test.beforeEach(() => visit.site.goTo('Build'));

test('Back and Forward go from place to place, and a reload stays in its place', async () => {
  const { site } = visit;
  const { page } = site;
  const at = (place: string) => expect(page.getByRole('main', { name: place })).toBeVisible();
  await site.goTo('Data');
  await site.goTo('Test');
  await page.goBack();
  await at('Data');
  await page.goForward();
  await at('Test');
  await page.reload();
  await at('Test');
  await page.goBack();
  await at('Data');
  await page.goBack();
  await at('Build');
  await site.ready();
});

test('Back closes what lies over a place, and what was closed by hand leaves nothing behind', async () => {
  const { site } = visit;
  const { page } = site;
  const more = page.getByRole('dialog', { name: 'More' });
  const openMore = () => page.getByRole('button', { name: 'More', exact: true }).click();
  await site.goTo('Data');
  await openMore();
  await page.goBack();
  await expect(more).toHaveCount(0);
  await expect(page.getByRole('main', { name: 'Data' })).toBeVisible();
  await openMore();
  await page.keyboard.press('Escape');
  await expect(more).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => JSON.stringify(history.state))).toContain('"over":false');
  await page.goBack();
  await expect(page.getByRole('main', { name: 'Build' })).toBeVisible();
});

test('a double click on Train is one click', async () => {
  const { site } = visit;
  await site.goTo('Data');
  await site.data.choose('Drawn digits');
  await site.goTo('Train');
  await site.train.button('Train').dblclick();
  await site.train.reached(1);
  await expect(site.train.heading).toHaveText('Training');
  await site.train.button('Stop').dblclick();
  await expect(site.train.heading).toHaveText('Stopped');
});

test('fewer threads are taken when they are chosen, and what was learned stays', { tag: '@long' }, async () => {
  const { site } = visit;
  const { page } = site;
  test.skip(availableParallelism() < 2, 'One core: there are no fewer threads');
  await site.goTo('Data');
  await site.data.choose('Drawn digits');
  await site.goTo('Train');
  // The test before this one leaves a training that can be resumed, but does not run with it everywhere.
  const [train, again] = [site.train.button('Train'), site.train.button('Resume')];
  await train.or(again).click();
  await site.train.reached(1);
  await site.train.stop();
  await page.locator('summary', { hasText: 'This device' }).click();
  await site.train.choose('Threads', '1');
  await expect(site.status).toContainText('1 thread');
  await expect(site.train.button('Resume')).toBeEnabled();
  await site.train.choose('Threads', 'as many as suit');
  await expect(site.status).toContainText(/[^1] threads/);
  await expect(site.train.button('Resume')).toBeEnabled();
});

test('a network that was changed after its training says so, until the change is undone', async () => {
  const { site } = visit;
  const { page } = site;
  const warning = page.getByText('The network was changed after');
  await site.build.layer('dense_1').click();
  await site.build.set('Units', '90');
  await site.goTo('Test');
  await expect(warning).toBeVisible();
  await site.goTo('Train');
  await expect(warning).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(warning).toHaveCount(0);
});

test(
  'a tab keeps its network when it is reloaded, whatever another tab has drawn since',
  { tag: '@long' },
  async () => {
    const { site } = visit;
    const other = new Site(await site.page.context().newPage(), site.url);
    await other.open();
    await other.build.takeTemplate('MLP');
    await expect(other.status).toContainText('Saved here');
    await site.reload();
    await expect(site.build.layer('conv_1')).toBeVisible();
    await other.page.close();
  },
);

/** Names and roles are the same in both. */
const rulesOf = { light: undefined, dark: ['color-contrast'] };

for (const theme of ['light', 'dark'] as const) {
  test(`what stands on the page can be read by eye and ear, in the ${theme} theme`, { tag: '@long' }, async () => {
    const { site } = visit;
    const { page } = site;
    const broken = (part?: string) => brokenRules(page, rulesOf[theme], part);
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await site.build.layer('conv_1').click();
    expect(await broken(), 'Build, with a layer selected').toEqual([]);
    for (const key of ['t', '?']) {
      await site.build.deselect();
      await page.keyboard.press(key);
      await expect(page.getByRole('dialog')).toBeVisible();
      expect(await broken('dialog'), `the dialog of the key ${key}`).toEqual([]);
      await page.keyboard.press('Escape');
    }
    for (const place of ['Data', 'Train', 'Export'] as const) {
      await site.goTo(place);
      await expect(page.getByRole('heading', { name: place, level: 1 })).toBeVisible();
      expect(await broken(), place).toEqual([]);
    }
    await site.goTo('Test');
    await site.test.evaluate();
    expect(await broken(), 'Test').toEqual([]);
  });
}
