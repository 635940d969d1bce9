/** Playwright's `test` with a server for each test that asks for one, and the site's page object. */
import { test as base, type Page } from '@playwright/test';
import { Site } from '../pages/site';
import { startServer, type Server } from './server';

interface Fixtures {
  server: Server;
  site: Site;
}

interface WorkerFixtures {
  sharedServer: Server;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  sharedServer: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  /** One of the test's own, that it may stop. */
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
  site: async ({ page, sharedServer }, use) => use(new Site(page, sharedServer.url)),
});

/**
 * One visit for all tests of a file or a group: to begin one costs more than most tests do. Each test then has to bring about what
 * it needs, such as by taking a template. `prepare`: what is done to the page before it is opened.
 */
export function oneVisit(prepare: (page: Page) => Promise<void> = () => Promise.resolve()): { readonly site: Site } {
  let site: Site | undefined;
  test.beforeAll(async ({ browser, sharedServer }) => {
    const context = await browser.newContext();
    site = new Site(await context.newPage(), sharedServer.url);
    await prepare(site.page);
    await site.open();
  });
  test.afterAll(async () => {
    await site?.page.context().close();
  });
  return {
    get site() {
      if (!site) throw new Error('A visit begins before the first test');
      return site;
    },
  };
}

export { expect } from '@playwright/test';
