import { expect, test, vi } from 'vitest';
import { lockWhile } from '../../src/app/awake';

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('the screen is held once, and let go as often', async () => {
  const release = vi.fn(() => Promise.resolve());
  const request = vi.fn(() => Promise.resolve({ release }));
  const lock = lockWhile(request);
  lock(false);
  expect(request).not.toHaveBeenCalled();
  lock(true);
  lock(true);
  expect(request).toHaveBeenCalledTimes(1);
  lock(false);
  lock(false);
  await settled();
  expect(release).toHaveBeenCalledTimes(1);
  lock(true);
  expect(request).toHaveBeenCalledTimes(2);
});

test('a lock that comes after the training has ended is let go', async () => {
  const release = vi.fn(() => Promise.resolve());
  let come: (lock: { release: () => Promise<void> }) => void = () => undefined;
  const lock = lockWhile(() => new Promise((resolve) => (come = resolve)));
  lock(true);
  lock(false);
  come({ release });
  await settled();
  expect(release).toHaveBeenCalledTimes(1);
});

test('a refusal is borne, and asked again the next time', async () => {
  const request = vi.fn(() => Promise.reject(new Error('The battery is low')));
  const lock = lockWhile(request);
  lock(true);
  lock(false);
  lock(true);
  await settled();
  expect(request).toHaveBeenCalledTimes(2);
});
