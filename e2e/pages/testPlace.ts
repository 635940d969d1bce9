/** Test: the pad, the answer, the test set. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Stroke } from '../support/digits';

export class TestPlace {
  constructor(private readonly page: Page) {}

  get pad(): Locator {
    return this.page.getByRole('img', { name: 'Drawing pad' });
  }

  get answer(): Locator {
    return this.page.getByRole('status', { name: 'Answer' });
  }

  get probabilities(): Locator {
    return this.page.getByRole('list', { name: 'Probabilities' }).getByRole('listitem');
  }

  async clear(): Promise<void> {
    const button = this.page.getByRole('button', { name: 'Clear' });
    if (await button.isEnabled()) await button.click();
    await expect(this.answer).toHaveText('?');
  }

  /** With the pointer, as a hand would. */
  async draw(strokes: readonly Stroke[]): Promise<void> {
    await this.pad.scrollIntoViewIfNeeded();
    const box = await this.pad.boundingBox();
    if (!box) throw new Error('The pad is not on the page');
    for (const stroke of strokes) {
      const [first, ...rest] = stroke.map(({ x, y }) => ({ x: box.x + x * box.width, y: box.y + y * box.height }));
      if (!first) continue;
      await this.page.mouse.move(first.x, first.y);
      await this.page.mouse.down();
      for (const point of rest) await this.page.mouse.move(point.x, point.y);
      await this.page.mouse.up();
    }
  }

  /** Ends when what is shown belongs to the finished drawing: two frames without a change. */
  async settled(): Promise<void> {
    const bars = () =>
      this.probabilities.evaluateAll((items) => items.map((item) => item.getAttribute('aria-label')).join());
    let last = '';
    await expect
      .poll(
        async () => {
          const now = await bars();
          const same = now === last;
          last = now;
          return same;
        },
        { intervals: [150] },
      )
      .toBe(true);
  }

  async evaluate(): Promise<void> {
    await this.page.getByRole('button', { name: 'Evaluate' }).click();
    await expect(this.figure('Test loss')).toBeVisible({ timeout: 60_000 });
  }

  figure(term: string): Locator {
    return this.page.getByRole('term').filter({ hasText: term }).locator('xpath=following-sibling::dd').first();
  }

  /** In percent. */
  async accuracy(): Promise<number> {
    return Number.parseFloat((await this.figure('Test accuracy').textContent()) ?? '');
  }
}
