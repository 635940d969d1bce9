import type { Site } from '../pages/site';
import { digits } from './digits';
import { expect } from './test';

/** One epoch on digits that the engine draws itself: few, but enough to read some. */
export async function trainOnDigits(site: Site): Promise<void> {
  await site.goTo('Data');
  await site.data.choose('Drawn digits');
  await site.data.draw(8000, 1);
  await site.goTo('Train');
  await site.train.set('Epochs', '1');
  await site.train.set('Batch size', '32');
  await site.train.start();
  await site.train.finished();
}

/** The same, and one drawing read. */
export async function trainAndRead(site: Site): Promise<void> {
  await trainOnDigits(site);
  await site.goTo('Test');
  await site.test.draw(digits[1] ?? []);
  await expect(site.test.answer).toHaveText('1');
}
