import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { indexedDbStore } from '../../src/storage/indexedDb';
import { readNewest, writeNext } from '../../src/storage/slots';

afterEach(() => vi.restoreAllMocks());

test('what is written is read again', async () => {
  await indexedDbStore.write('a', { bytes: new Uint8Array([1, 2, 3]) });
  expect(await indexedDbStore.read('a')).toEqual({ bytes: new Uint8Array([1, 2, 3]) });
  expect(await indexedDbStore.read('b')).toBeUndefined();
});

test('the slots stand on it', async () => {
  for (const text of ['one', 'two', 'three']) await writeNext(indexedDbStore, 'project', text);
  expect(await readNewest(indexedDbStore, 'project', (text) => text)).toBe('three');
});

test('a connection that the browser has dropped is made anew', async () => {
  await indexedDbStore.write('a', 1);
  const dropped = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
    throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
  });
  await indexedDbStore.write('a', 2);
  expect(dropped).toHaveBeenCalledTimes(2);
  expect(await indexedDbStore.read('a')).toBe(2);
});

test('a full disk is told, not tried again', async () => {
  const full = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
    throw new DOMException('No space', 'QuotaExceededError');
  });
  await expect(indexedDbStore.write('a', 3)).rejects.toThrow('No space');
  expect(full).toHaveBeenCalledTimes(1);
});
