/** After one visit the page needs no server; where a host sends no headers it isolates itself, and where it cannot it still works. */
import { Site } from '../pages/site';
import { startServer } from '../support/server';
import { expect, test } from '../support/test';
import { trainAndRead } from '../support/training';

test.use({ serviceWorkers: 'allow' });

test('with the server down a reload still opens, trains and reads', async ({ page, server }) => {
  const site = new Site(page, server.url);
  await site.open();
  await expect(site.status).toContainText('Works offline', { timeout: 60_000 });
  await server.stop();
  await page.reload();
  await site.ready();
  expect(await site.isolated()).toBe(true);
  await trainAndRead(site);
});

test('on a host without headers the page isolates itself by one reload, also under a sub-path', async ({ page }) => {
  const server = await startServer({ isolation: false, base: '/some/path/' });
  let loads = 0;
  page.on('load', () => loads++);
  const site = new Site(page, server.url);
  try {
    await page.goto(server.url);
    await page.waitForFunction(() => window.crossOriginIsolated);
    await site.ready();
    expect(loads).toBe(2);
    await expect(site.status).toContainText(/relaxed SIMD|threads/);
  } finally {
    await server.stop();
  }
});

test('a page that cannot be isolated works with one thread and says so', async ({ browser }) => {
  const server = await startServer({ isolation: false });
  const page = await browser.newPage();
  // As in a private window of some browsers.
  await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
  const site = new Site(page, server.url);
  try {
    await site.open();
    expect(await site.isolated()).toBe(false);
    await expect(site.status).toContainText('1 thread');
    await expect(page.getByTitle(/not cross-origin isolated/)).toBeVisible();
    await trainAndRead(site);
  } finally {
    await page.close();
    await server.stop();
  }
});
