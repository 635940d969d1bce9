import { afterEach, expect, test, vi } from 'vitest';
import type { Progress } from '../client/types';
import { ProgressBoard } from '../worker/progressBoard';

const at = (step: number, logs: Record<string, number> = { loss: 1 / (step + 1) }): Progress => ({
  epoch: 0,
  epochs: 2,
  step,
  steps: 100,
  samples: step * 32,
  images_per_second: 1000,
  eta_seconds: 2.5,
  elapsed_seconds: 0.5,
  logs,
});

function sides() {
  vi.stubGlobal('crossOriginIsolated', true);
  const reader = ProgressBoard.make();
  if (!reader) throw new Error('this JavaScript engine has shared memory');
  return { reader, writer: new ProgressBoard(reader.memory) };
}

afterEach(() => vi.unstubAllGlobals());

test('is not there where memory may not be shared', () => {
  vi.stubGlobal('crossOriginIsolated', false);
  expect(ProgressBoard.make()).toBeNull();
});

test('the last progress is read, once', () => {
  const { reader, writer } = sides();
  expect(reader.read(0)).toBeNull();
  for (const step of [1, 2, 3]) expect(writer.write(at(step), 0)).toBe(true);
  expect(reader.read(0)).toEqual(at(3));
  expect(reader.read(0)).toBeNull();
  writer.write(at(4, { 'größer als φ': 0.25 }), 0);
  expect(reader.read(0)).toEqual(at(4, { 'größer als φ': 0.25 }));
});

test('what came after messages is read after them', () => {
  const { reader, writer } = sides();
  writer.write(at(5), 2);
  expect(reader.read(1)).toBeNull();
  expect(reader.read(2)).toEqual(at(5));
});

test('half a text is never read', () => {
  const { reader, writer } = sides();
  writer.write(at(6), 0);
  const writes = new Int32Array(reader.memory, 0, 1);
  Atomics.add(writes, 0, 1);
  expect(reader.read(0)).toBeNull();
  Atomics.add(writes, 0, 1);
  expect(reader.read(0)).toEqual(at(6));
});

test('what is too long has to be sent', () => {
  const { reader, writer } = sides();
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`metric_${String(i)}`, i]));
  expect(writer.write(at(7, many), 0)).toBe(false);
  expect(reader.read(0)).toBeNull();
});
