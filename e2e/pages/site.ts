/** The page as a whole: its five places, its status, its messages. */
import { expect, type Locator, type Page } from '@playwright/test';
import { BuildPlace } from './buildPlace';
import { DataPlace } from './dataPlace';
import { ExportPlace } from './exportPlace';
import { TestPlace } from './testPlace';
import { TrainPlace } from './trainPlace';

export type PlaceName = 'Build' | 'Data' | 'Train' | 'Test' | 'Export';

const trainWords = /^(Train|Train on|Resume)$/;

export class Site {
  readonly build: BuildPlace;
  readonly data: DataPlace;
  readonly train: TrainPlace;
  readonly test: TestPlace;
  readonly export: ExportPlace;

  constructor(
    readonly page: Page,
    readonly url: string,
  ) {
    this.build = new BuildPlace(page);
    this.data = new DataPlace(page);
    this.train = new TrainPlace(page);
    this.test = new TestPlace(page);
    this.export = new ExportPlace(page);
  }

  /** A visit: ends when the network stands on the canvas and could be trained. */
  async open(): Promise<void> {
    await this.page.goto(this.url);
    await this.ready();
  }

  /** Waits within the page, which is told of a change at once; asking again and again from here costs up to a second. */
  async ready(): Promise<void> {
    await this.enabledTrainButton.first().waitFor({ timeout: 60_000 });
  }

  /** The same place again, as the browser has it; ends when the network could be trained. */
  async reload(): Promise<void> {
    await this.page.reload();
    const { hash } = new URL(this.page.url());
    if (hash !== '' && hash !== '#train') await this.goTo('Build');
    await this.ready();
  }

  async goTo(place: PlaceName): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: place }).click();
    await expect(this.page.getByRole('main', { name: place })).toBeVisible();
  }

  /** The one primary button, whatever it does now. */
  get trainButton(): Locator {
    return this.page.getByRole('main').getByRole('button', { name: trainWords });
  }

  private get enabledTrainButton(): Locator {
    return this.page.getByRole('main').getByRole('button', { name: trainWords, disabled: false });
  }

  get status(): Locator {
    return this.page.getByRole('contentinfo', { name: 'Status' });
  }

  get messages(): Locator {
    return this.page.getByRole('region', { name: 'Messages' });
  }

  /** What stands over the place when the engine is not there. */
  get banner(): Locator {
    return this.page.getByRole('alert').filter({ hasText: 'engine' });
  }

  async isolated(): Promise<boolean> {
    return this.page.evaluate(() => window.crossOriginIsolated);
  }

  /** Kills the engine as a fault inside it would: an error that nobody catches, on its own thread. */
  async crashEngine(): Promise<void> {
    const workers = this.page.workers().filter((worker) => worker.url().includes('worker'));
    expect(workers.length).toBeGreaterThan(0);
    const [engine] = workers;
    await engine?.evaluate(() => {
      setTimeout(() => {
        throw new WebAssembly.RuntimeError('unreachable');
      });
    });
  }
}
