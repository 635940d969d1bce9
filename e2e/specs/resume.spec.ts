/** Stopping loses nothing: the same seed gives the same weights, in one go or in two. */
import { watchFrames } from '../support/frames';
import { tensorsOf } from '../support/safetensors';
import { expect, oneVisit, test } from '../support/test';

const visit = oneVisit();

test('a training that was stopped and resumed ends with the weights of an uninterrupted one', async () => {
  const { site } = visit;
  await site.goTo('Data');
  await site.data.choose('Drawn digits');
  await site.data.draw(5000, 7);
  await site.goTo('Train');
  await site.train.set('Batch size', '8');
  await site.train.set('Epochs', '2');
  await site.train.start();
  await site.train.finished();
  await site.goTo('Export');
  const straight = tensorsOf(await site.export.save());

  await site.goTo('Train');
  await site.train.start('Start over');
  await site.train.reached(15);
  await site.train.stop();
  await site.goTo('Export');
  const halfway = tensorsOf(await site.export.save());
  await site.goTo('Train');
  await site.train.start('Resume');
  await site.train.finished();
  await site.goTo('Export');
  const resumed = tensorsOf(await site.export.save());

  expect(halfway.equals(straight)).toBe(false);
  expect(resumed.equals(straight)).toBe(true);
});

test('a training that was stopped goes on after the page was reloaded', async () => {
  const { site } = visit;
  const { page } = site;
  await site.goTo('Data');
  await site.data.choose('Iris');
  await page.getByRole('button', { name: 'Fit the network to this data' }).click();
  await site.goTo('Train');
  await site.train.set('Epochs', '2000');
  await site.train.set('Batch size', '32');
  await site.train.start();
  // Hundreds of epochs a second: the page shows what it can, and goes on answering.
  const frames = await watchFrames(page);
  await site.train.reached(5);
  const seen = await frames.end();
  expect(seen.count).toBeGreaterThan(seen.seconds * 10);
  await site.train.stop();
  await expect(site.status).toContainText('Saved here');
  await site.reload();
  await site.goTo('Train');
  await expect(site.train.heading).toHaveText('Stopped');
  await site.train.set('Epochs', '2000');
  await site.train.start('Resume');
  await expect(site.train.heading).toHaveText('Training');
  await site.train.stop();
});
