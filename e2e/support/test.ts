/** Playwright's `test` with a server for each test that asks for one, and the site's page object. */
import { test as base } from '@playwright/test';
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

export { expect } from '@playwright/test';
