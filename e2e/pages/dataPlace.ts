/** Data: what the network learns from. */
import { expect, type Locator, type Page } from '@playwright/test';

export class DataPlace {
  constructor(private readonly page: Page) {}

  offer(title: string): Locator {
    return this.page.getByRole('group', { name: 'Data set' }).getByRole('button', { name: title });
  }

  /** Ends when the set is loaded. */
  async choose(title: string): Promise<void> {
    await this.offer(title).click();
    await expect(this.offer(title)).toHaveAttribute('aria-pressed', 'true');
    await this.figure('Training').waitFor({ timeout: 60_000 });
  }

  /** As many drawn digits, and of that seed. */
  async draw(train: number, seed: number): Promise<void> {
    const form = this.page.getByRole('form', { name: 'Drawn digits' });
    await form.getByLabel('Training samples').fill(String(train));
    await form.getByLabel('Seed').fill(String(seed));
    await form.getByRole('button', { name: 'Draw them' }).click();
    await this.figure('Training')
      .filter({ hasText: `${train.toLocaleString('en')} samples` })
      .waitFor();
  }

  figure(term: string): Locator {
    const chosen = this.page.getByRole('region', { name: 'Chosen data' });
    return chosen.getByRole('term').filter({ hasText: term }).locator('xpath=following-sibling::dd').first();
  }

  async openFile(name: string, content: Buffer): Promise<void> {
    await this.page
      .getByLabel('Choose data files')
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: content });
  }

  /** Whether the training samples are mixed. */
  get mixed(): Locator {
    return this.page.getByRole('switch', { name: 'Mix the training samples' });
  }

  get failure(): Locator {
    return this.page.getByRole('region', { name: 'Chosen data' }).getByRole('alert');
  }
}
