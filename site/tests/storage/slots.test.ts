import { describe, expect, test } from 'vitest';
import { fromKeras } from '../../src/graph/keras';
import { readNewest, writeNext, type SlotStore } from '../../src/storage/slots';
import { readProject, writeProject } from '../../src/storage/projectFile';
import { templates } from '../../src/testing/fakeModels';

function memory(): SlotStore & { map: Map<string, unknown> } {
  const map = new Map<string, unknown>();
  return {
    map,
    read: (key) => Promise.resolve(map.get(key)),
    write: (key, value) => Promise.resolve(void map.set(key, value)),
  };
}
const any = (text: string) => text;

describe('the two slots', () => {
  test('are written in turn, and the newest is read', async () => {
    const store = memory();
    for (const text of ['one', 'two', 'three']) await writeNext(store, 'p', text);
    expect(store.map.size).toBe(2);
    expect(await readNewest(store, 'p', any)).toBe('three');
  });

  test('give the older one when the newer was torn', async () => {
    const store = memory();
    await writeNext(store, 'p', 'one');
    await writeNext(store, 'p', 'two');
    store.map.set('p.b', { ...(store.map.get('p.b') as object), payload: 'tw' });
    expect(await readNewest(store, 'p', any)).toBe('one');
  });

  test('write over the broken one next', async () => {
    const store = memory();
    await writeNext(store, 'p', 'one');
    await writeNext(store, 'p', 'two');
    store.map.set('p.b', 'rubbish');
    await writeNext(store, 'p', 'three');
    store.map.delete('p.b');
    expect(await readNewest(store, 'p', any)).toBe('one');
  });

  test('pass over a payload that is not accepted', async () => {
    const store = memory();
    await writeNext(store, 'p', 'good');
    await writeNext(store, 'p', 'bad');
    expect(await readNewest(store, 'p', (text) => (text === 'good' ? text : null))).toBe('good');
  });

  test('hold nothing at first, and nothing when the store fails', async () => {
    expect(await readNewest(memory(), 'p', any)).toBeNull();
    const failing: SlotStore = {
      read: () => Promise.reject(new Error('no')),
      write: () => Promise.reject(new Error('no')),
    };
    expect(await readNewest(failing, 'p', any)).toBeNull();
    await expect(writeNext(failing, 'p', 'x')).rejects.toThrow('no');
  });
});

describe('the stored project', () => {
  const doc = fromKeras(templates['lenet5'] ?? {});

  test('is read as it was written', () => {
    expect(readProject(writeProject(doc))).toEqual(doc);
  });

  test.each([
    ['no JSON', 'x{'],
    ['another version', JSON.stringify({ version: 99, doc })],
    ['a missing table', JSON.stringify({ version: 1, doc: { layers: {}, nodes: {}, edges: {} } })],
    ['a node of no layer', JSON.stringify({ version: 1, doc: { ...doc, layers: {} } })],
    [
      'an edge to nowhere',
      JSON.stringify({
        version: 1,
        doc: { ...doc, edges: { e: { id: 'e', source: 'layer_0', tensor: 0, target: 'ghost', order: 0 } } },
      }),
    ],
    ['a position that is no number', JSON.stringify({ version: 1, doc }).replace(/"x":0/, '"x":"0"')],
  ])('is refused with %s', (_what, text) => {
    expect(readProject(text)).toBeNull();
  });
});
