/** Build: the palette, the canvas, the inspector. */
import { expect, type Locator, type Page } from '@playwright/test';

export class BuildPlace {
  constructor(private readonly page: Page) {}

  get canvas(): Locator {
    return this.page.getByLabel('Network', { exact: true });
  }

  /** A layer on the canvas, by its name. */
  layer(name: string): Locator {
    return this.canvas.getByRole('group', { name: new RegExp(`, ${name}(,|$)`) });
  }

  get layers(): Locator {
    return this.canvas.locator('.react-flow__node');
  }

  connection(from: string, to: string): Locator {
    return this.canvas.getByLabel(`Connection from ${from} to ${to}`);
  }

  /** From the palette: it continues from what is selected. */
  async add(className: string): Promise<void> {
    const before = await this.layers.count();
    await this.page.getByRole('button', { name: `Add ${className}`, exact: true }).click();
    await expect(this.layers).toHaveCount(before + 1);
  }

  /** A click beside the layers. */
  async deselect(): Promise<void> {
    await this.canvas.locator('.react-flow__pane').click({ position: { x: 8, y: 300 } });
  }

  private get inspector(): Locator {
    return this.page.getByRole('complementary', { name: 'Inspector' });
  }

  field(label: string): Locator {
    return this.inspector.getByLabel(new RegExp(`^${label}( required)?$`));
  }

  /** Writes into a field of the selected layer. */
  async set(label: string, value: string): Promise<void> {
    await this.field(label).fill(value);
    await this.field(label).press('Tab');
  }

  async choose(label: string, option: string): Promise<void> {
    await this.field(label).selectOption(option);
  }

  /** What the inspector says of the selected layer's output. */
  get output(): Locator {
    return this.inspector.getByRole('term').filter({ hasText: 'Output' }).locator('xpath=following-sibling::dd');
  }

  async clear(): Promise<void> {
    await this.page.getByRole('button', { name: 'More', exact: true }).click();
    await this.page.getByRole('dialog', { name: 'More' }).getByRole('button', { name: 'Clear the canvas' }).click();
    await expect(this.layers).toHaveCount(0);
  }

  /** Draws a connection with the pointer, from port to port. */
  async connect(from: string, to: string): Promise<void> {
    await this.page
      .getByLabel(`Output of ${from}`, { exact: true })
      .dragTo(this.page.getByLabel(`Input of ${to}`, { exact: true }));
    await expect(this.connection(from, to)).toBeAttached();
  }

  async disconnect(from: string, to: string): Promise<void> {
    await this.connection(from, to).click({ force: true });
    await this.page.keyboard.press('Delete');
    await expect(this.connection(from, to)).toHaveCount(0);
  }

  /** Ends when the template's network stands on the canvas; its data may still be on the way. */
  async takeTemplate(title: string): Promise<void> {
    const tools = this.page.getByRole('toolbar', { name: 'Network tools' });
    await tools.getByRole('button', { name: 'Templates' }).click();
    await this.page.getByRole('dialog', { name: 'Templates' }).getByRole('button', { name: title }).click();
    await expect(tools.getByRole('button', { name: `Undo: Took the template ${title}` })).toBeVisible();
  }

  get mistakes(): Locator {
    return this.page.getByRole('button', { name: /mistakes?$/ });
  }
}
