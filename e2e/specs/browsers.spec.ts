/** Other browsers, and pages that may do less: what is missing is taken away from Chromium, and the visit goes on. */
import { Site } from '../pages/site';
import { expect, oneVisit, test } from '../support/test';
import { trainAndRead } from '../support/training';

test(
  'a browser that lacks what not all have trains and reads all the same',
  { tag: '@long' },
  async ({ site, page }) => {
    await page.addInitScript(() => {
      const lacking: [object, string][] = [
        [Navigator.prototype, 'wakeLock'],
        [Navigator.prototype, 'storage'],
        [Navigator.prototype, 'locks'],
        [window, 'visualViewport'],
        [window, 'requestIdleCallback'],
        [window, 'BroadcastChannel'],
        [window, 'OffscreenCanvas'],
        [window, 'CompressionStream'],
        [window, 'DecompressionStream'],
        [Promise, 'withResolvers'],
        [Element.prototype, 'checkVisibility'],
        [PointerEvent.prototype, 'getCoalescedEvents'],
        [Atomics, 'waitAsync'],
      ];
      for (const [owner, name] of lacking) Reflect.deleteProperty(owner, name);
      // As browsers do that hide who they are: noise instead of what was drawn.
      CanvasRenderingContext2D.prototype.getImageData = (_x: number, _y: number, width: number, height: number) =>
        new ImageData(
          Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => (i * 7919) % 256),
          width,
          height,
        );
      Object.defineProperty(document, 'fullscreenEnabled', { value: false });
      // What some systems give for a language.
      Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C', configurable: true });
    });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await site.open();
    await page.getByRole('searchbox', { name: 'Search layers' }).press('ArrowDown');
    await expect(page.getByRole('button', { name: 'Add InputLayer' })).toBeFocused();
    await trainAndRead(site);
    await site.goTo('Train');
    await expect(page.getByRole('button', { name: 'Save Loss as PNG' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Show Loss full screen' })).toHaveCount(0);
    expect(errors).toEqual([]);
  },
);

test('a browser that keeps nothing says so once, and works', { tag: '@long' }, async ({ site, page }) => {
  await page.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('Not here', 'SecurityError');
    };
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage', 'caches'])
      Object.defineProperty(window, name, { get: refuse, configurable: true });
  });
  await site.open();
  await expect(site.messages).toContainText('This browser keeps nothing for the page');
  await expect(site.status).toContainText('Not saved');
  await site.messages.getByRole('button', { name: 'Dismiss' }).click();
  await trainAndRead(site);
  await expect(site.messages).not.toContainText('keeps nothing');
});

test('without WebAssembly it says that the engine cannot start, and why', async ({ page, sharedServer }) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, 'WebAssembly'));
  const site = new Site(page, sharedServer.url);
  await page.goto(site.url);
  await expect(site.banner).toContainText('WebAssembly switched off');
  await site.goTo('Data');
});

test('an engine whose files did not come is started when they can be had', async ({ page, sharedServer }) => {
  const site = new Site(page, sharedServer.url);
  const engine = /\/engine\//;
  await page.route(engine, (route) => route.abort());
  await page.goto(site.url);
  await expect(site.banner).toContainText('could not be fetched');
  await page.unroute(engine);
  await site.banner.getByRole('button', { name: 'Restart the engine' }).click();
  await site.ready();
  await expect(site.build.layer('conv_1')).toBeVisible();
  await site.goTo('Data');
  await expect(site.data.figure('Training')).toContainText('samples');
});

test('a page that is ended while hidden goes on from there', { tag: '@long' }, async ({ site, page }) => {
  await site.open();
  await site.goTo('Data');
  await site.data.choose('Drawn digits');
  await site.data.draw(8000, 1);
  await site.goTo('Train');
  await site.train.set('Epochs', '1');
  await site.train.set('Batch size', '4');
  await expect(site.status).toContainText('Saved here');
  await site.train.start();
  await site.train.reached(3);
  await page.evaluate(async () => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
    // As long as a phone leaves to a page that it puts away.
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  await site.reload();
  await site.goTo('Train');
  await expect(site.train.heading).toHaveText('Stopped');
  await expect(site.train.button('Resume')).toBeEnabled();
});

test.describe('files that do not arrive', () => {
  const visit = oneVisit(async (page) => {
    await page.route(/(trainyard-threads.*\.wasm|TrainPlace.*\.js)$/, (route) => route.abort());
  });

  test('where the threads of the engine do not start it takes one, and says why', async () => {
    const { site } = visit;
    const { page } = site;
    await expect(site.status).toContainText('1 thread');
    await expect(page.getByTitle(/threads could not be started/)).toBeVisible();
  });

  test('a place whose code does not arrive says so, and the others stay', async () => {
    const { site } = visit;
    const { page } = site;
    await site.goTo('Train');
    await expect(page.getByRole('alert')).toContainText('This could not be shown');
    await expect(page.getByRole('button', { name: 'Reload the page' })).toBeVisible();
    await site.goTo('Build');
    await expect(site.build.layer('conv_1')).toBeVisible();
  });
});

test.describe('what only some browsers do', () => {
  const visit = oneVisit(async (page) => {
    await page.addInitScript(() => {
      const log: string[] = [];
      Object.assign(window, { screenLog: log });
      const request = () => {
        log.push('on');
        return Promise.resolve({ release: () => Promise.resolve(void log.push('off')) });
      };
      Object.defineProperty(Navigator.prototype, 'wakeLock', { value: { request }, configurable: true });
    });
  });

  test('a pinch that Safari tells in its own way zooms the network, not the page', async () => {
    const { site } = visit;
    const width = async () => (await site.build.layer('conv_1').boundingBox())?.width ?? 0;
    const before = await width();
    const prevented = await site.build.canvas.locator('.react-flow__pane').evaluate((pane) =>
      ['gesturestart', 'gesturechange'].map((name) => {
        const { left, top } = pane.getBoundingClientRect();
        const gesture = new Event(name, { bubbles: true, cancelable: true });
        Object.assign(gesture, { scale: name === 'gesturestart' ? 1 : 1.5, clientX: left + 200, clientY: top + 100 });
        return !pane.dispatchEvent(gesture);
      }),
    );
    expect(prevented).toEqual([true, true]);
    await expect.poll(width).toBeCloseTo(1.5 * before, 0);
  });

  test('a browser that can install the page is asked to only when the user asks', async () => {
    const { site } = visit;
    const { page } = site;
    const more = page.getByRole('dialog', { name: 'More' });
    const openMore = () => page.getByRole('button', { name: 'More', exact: true }).click();
    const entry = more.getByRole('button', { name: 'Install as an app' });
    await openMore();
    await expect(entry).toHaveCount(0);
    await page.keyboard.press('Escape');
    const prevented = await page.evaluate(() => {
      const offer = new Event('beforeinstallprompt', { cancelable: true });
      Object.assign(offer, { prompt: () => Promise.resolve(Object.assign(window, { asked: true })) });
      return !window.dispatchEvent(offer);
    });
    expect(prevented).toBe(true);
    await openMore();
    await entry.click();
    expect(await page.evaluate(() => 'asked' in window)).toBe(true);
    await openMore();
    await expect(entry).toHaveCount(0);
    await page.keyboard.press('Escape');
  });

  test('the screen stays on while it trains, and only then', async () => {
    const { site } = visit;
    const { page } = site;
    const log = () => page.evaluate(() => (window as unknown as { screenLog: string[] }).screenLog);
    expect(await log()).toEqual([]);
    await site.goTo('Train');
    await site.train.start();
    await site.train.reached(1);
    expect(await log()).toEqual(['on']);
    await site.train.stop();
    expect(await log()).toEqual(['on', 'off']);
  });
});
