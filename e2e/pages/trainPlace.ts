/** Train: settings, the main button, how far it is. */
import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';

export class TrainPlace {
  constructor(private readonly page: Page) {}

  private get settings(): Locator {
    return this.page.getByRole('group', { name: 'Training settings' });
  }

  field(label: string): Locator {
    return this.settings.getByLabel(new RegExp(`^${label}( required)?$`));
  }

  async set(label: string, value: string): Promise<void> {
    await this.field(label).fill(value);
    await this.field(label).press('Tab');
  }

  async choose(label: string, option: string): Promise<void> {
    await this.field(label).selectOption(option);
  }

  /** What stands under a setting: what is wrong with it, and what it means. */
  explanation(label: string): Locator {
    return this.field(label).locator('xpath=following-sibling::div[contains(@class, "arg-doc")]');
  }

  /** The switch of a callback, by its class; the fold that holds it is opened first. */
  callback(className: string): Locator {
    return this.settings.locator(`#callback-${className}`);
  }

  async openCallbacks(): Promise<void> {
    const fold = this.page.locator('details', { has: this.page.locator('summary', { hasText: 'While it trains' }) });
    if ((await fold.last().getAttribute('open')) === null) await fold.last().locator('> summary').click();
  }

  get card(): Locator {
    return this.page.getByRole('region', { name: 'Training', exact: true });
  }

  get heading(): Locator {
    return this.card.getByRole('heading');
  }

  button(name: string): Locator {
    return this.page.getByRole('main').getByRole('button', { name, exact: true });
  }

  figure(term: string): Locator {
    return this.card.getByRole('term').filter({ hasText: term }).locator('xpath=following-sibling::dd').first();
  }

  get progress(): Locator {
    return this.card.getByRole('progressbar', { name: 'Training progress' });
  }

  /** A figure as a number: "97.5 %" is 97.5. */
  async number(term: string): Promise<number> {
    return Number.parseFloat(((await this.figure(term).textContent()) ?? '').replace(/,/g, ''));
  }

  /** The points that are drawn, from the file that the chart saves. */
  async curve(): Promise<{ loss: number[]; accuracy: number[] }> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('button', { name: 'Save Loss as CSV' }).click(),
    ]);
    const [, ...rows] = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    const column = (index: number) =>
      rows.flatMap((row) => (row.split(',')[index] ? [Number(row.split(',')[index])] : []));
    return { loss: column(1), accuracy: column(2) };
  }

  async start(name = 'Train'): Promise<void> {
    await this.button(name).click();
    await expect(this.heading).toHaveText(/Training|Stopped|Trained/);
  }

  async finished(timeout = 100_000): Promise<void> {
    await this.card.getByRole('heading', { name: 'Trained', exact: true }).waitFor({ timeout });
  }

  /** Waits until the running epoch has got this far. */
  async reached(percent: number): Promise<void> {
    await this.page.waitForFunction(
      ([name, least]) => {
        const bar = document.querySelector(`[role="progressbar"][aria-label="${name}"]`);
        return Number(bar?.getAttribute('aria-valuenow') ?? NaN) >= least;
      },
      ['Training progress', percent] as const,
      { timeout: 60_000 },
    );
  }

  async stop(): Promise<void> {
    await this.button('Stop').click();
    await expect(this.heading).toHaveText('Stopped');
  }

  /** Stops what may still run. */
  async end(): Promise<void> {
    if (await this.button('Stop').isVisible()) await this.button('Stop').click();
    await expect(this.heading).toHaveText(/Stopped|Trained/);
  }
}
