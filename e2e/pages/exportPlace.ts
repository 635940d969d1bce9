/** Export: files out and in. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';

export class ExportPlace {
  constructor(private readonly page: Page) {}

  /** The bytes of the saved model. */
  async save(): Promise<Buffer> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('button', { name: 'Save .safetensors' }).click(),
    ]);
    return readFile(await download.path());
  }

  async open(name: string, content: Buffer): Promise<void> {
    await this.page
      .getByLabel('Choose a model file')
      .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: content });
  }
}
