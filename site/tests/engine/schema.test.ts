import { beforeEach, expect, test, vi } from 'vitest';
import type { Engine, Schema } from '@trainyard/types';
import { schemaOf } from '../../src/engine/schema';

const build = vi.hoisted((): { engineId: string | null } => ({ engineId: 'one' }));
vi.mock('../../src/engine/build', () => build);

let store: Map<string, string>;
let asked: number;

const schema = { protocol: 1, hash: 'h', groups: { layers: [] } } as unknown as Schema;
const engine = {
  schema: () => {
    ++asked;
    return Promise.resolve(schema);
  },
} as unknown as Engine;

beforeEach(() => {
  store = new Map();
  asked = 0;
  build.engineId = 'one';
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => store.set(key, value),
  });
});

test('the same engine is asked once', async () => {
  expect(await schemaOf(engine)).toEqual(schema);
  expect(await schemaOf(engine)).toEqual(schema);
  expect(asked).toBe(1);
});

test('another engine is asked again', async () => {
  await schemaOf(engine);
  build.engineId = 'two';
  await schemaOf(engine);
  expect(asked).toBe(2);
});

test('an engine that may change under the page is asked each time', async () => {
  build.engineId = null;
  await schemaOf(engine);
  await schemaOf(engine);
  expect(asked).toBe(2);
  expect(store.size).toBe(0);
});

test('without a store, or with something else in it, the engine is asked', async () => {
  for (const broken of ['', 'no JSON', 'null', '{"engine":"one"}', '{"engine":"one","schema":7}']) {
    for (const key of store.keys()) store.set(key, broken);
    expect(await schemaOf(engine)).toEqual(schema);
  }
  expect(asked).toBe(5);
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new Error('denied');
    },
    setItem: () => {
      throw new Error('full');
    },
  });
  expect(await schemaOf(engine)).toEqual(schema);
});
