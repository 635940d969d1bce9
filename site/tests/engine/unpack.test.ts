import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gathered, unpacked } from '../../src/engine/unpack';

const words = new TextEncoder().encode('to be or not to be, '.repeat(10_000));
const packed = () => new Uint8Array(gzipSync(words));

test('what is packed is unpacked', async () => {
  expect(await unpacked(packed())).toEqual(words);
});

test('what is not packed stays as it is', async () => {
  const plain = new Uint8Array(words);
  expect(await unpacked(plain)).toBe(plain);
  const short = new Uint8Array([0x1f, 0x8b, 8]);
  expect(await unpacked(short)).toBe(short);
});

test('what cannot be unpacked stays as it is, for the engine to say why', async () => {
  const damaged = packed();
  damaged.fill(0xff, 40, 60);
  expect(await unpacked(damaged)).toBe(damaged);
  const cut = packed().slice(0, 100);
  expect(await unpacked(cut)).toBe(cut);
  const huge = packed();
  huge.set([0xff, 0xff, 0xff, 0xff], huge.length - 4);
  expect(await unpacked(huge)).toBe(huge);
});

const streamOf = (parts: readonly number[][]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) controller.enqueue(new Uint8Array(part));
      controller.close();
    },
  }).getReader();

test('parts are put together, also where they are more or less than was expected', async () => {
  const parts = [[1, 2, 3], [4], [5, 6]];
  for (const expected of [0, 2, 6, 50])
    expect([...(await gathered(streamOf(parts), expected))]).toEqual([1, 2, 3, 4, 5, 6]);
  const told: number[] = [];
  await gathered(streamOf(parts), 6, (count) => told.push(count));
  expect(told).toEqual([3, 1, 2]);
});
