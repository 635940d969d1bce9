import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { indexedDbStore } from '../../src/storage/indexedDb';
import { readNewest, writeNext } from '../../src/storage/slots';

test('what is written is read again', async () => {
  await indexedDbStore.write('a', { bytes: new Uint8Array([1, 2, 3]) });
  expect(await indexedDbStore.read('a')).toEqual({ bytes: new Uint8Array([1, 2, 3]) });
  expect(await indexedDbStore.read('b')).toBeUndefined();
});

test('the slots stand on it', async () => {
  for (const text of ['one', 'two', 'three']) await writeNext(indexedDbStore, 'project', text);
  expect(await readNewest(indexedDbStore, 'project', (text) => text)).toBe('three');
});
