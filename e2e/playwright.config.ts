import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';

// Tests tagged @long take long and rarely break: `scripts/test` leaves them to its part `long`.
// Debian's Chromium; Playwright's own browsers are never downloaded. Two at a time where there are two cores: half of a test
// is waiting, and a training takes every core that it gets.
export default defineConfig({
  testDir: 'specs',
  outputDir: '../build/test-results/e2e-files',
  workers: Math.min(2, availableParallelism()),
  fullyParallel: false,
  timeout: 120_000,
  // A second try on a machine that others use too; a test that needed it is listed as flaky.
  retries: process.env['CI'] ? 1 : 0,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
    // Else every visit stores the whole site anew, beside the test. Tests of what is stored allow it (support/test.ts).
    serviceWorkers: 'block',
    actionTimeout: 15_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['TRAINYARD_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    },
  },
});
