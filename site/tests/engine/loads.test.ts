import { beforeEach, expect, test, vi } from 'vitest';
import type { DataRequest, DatasetInfo } from '@trainyard/types';
import { loadRequest } from '../../src/engine/data';
import { currentDoc } from '../../src/state/project';
import { useData } from '../../src/state/data';

const infoOf = (name: string): DatasetInfo => ({
  name,
  source: '',
  task: 'classification',
  input_shape: [4],
  train_count: 10_000,
  test_count: 0,
  labels: [],
  class_counts: [],
  features: [],
  bytes: 0,
});

const given: { request: DataRequest; transfer: boolean }[] = [];
const reading = vi.hoisted(() => ({ done: [] as (() => void)[] }));

vi.mock('../../src/engine/mnist', () => ({
  onMnistFetched: () => undefined,
  takeMnist: () =>
    new Promise((resolve) => reading.done.push(() => resolve([{ name: 'x', bytes: new ArrayBuffer(8) }]))),
}));

vi.mock('../../src/engine/session', async (original) => ({
  ...(await original<typeof import('../../src/engine/session')>()),
  needEngine: () => ({
    loadData: (request: DataRequest, { transfer = false } = {}) => {
      given.push({ request, transfer });
      return Promise.resolve(infoOf(request.kind));
    },
    samples: () => Promise.resolve([]),
    memory: () => Promise.resolve(null),
  }),
}));

const iris = (): Promise<DataRequest> => Promise.resolve({ kind: 'iris' });

const mnist = (): Promise<DataRequest> => Promise.resolve({ kind: 'mnist', files: [] });
const turn = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  given.length = 0;
  reading.done.length = 0;
});
beforeEach(() => useData.setState({ phase: 'empty', choice: null, info: null, request: null, problem: null }));

test('what was chosen last stays, also when an earlier choice arrives after it', async () => {
  let arrive: (request: DataRequest) => void = () => undefined;
  const slow = loadRequest('mnist', () => new Promise((resolve) => (arrive = resolve)));
  expect(await loadRequest('iris', iris)).toBe(true);
  arrive({ kind: 'mnist', files: [] });
  expect(await slow).toBe(true);
  expect(useData.getState()).toMatchObject({ phase: 'ready', choice: 'iris', info: { name: 'iris' } });
  expect(currentDoc().settings['data.choice']?.value).toBe('iris');
});

test('an earlier choice that fails after a later one was made is not told', async () => {
  let fail: (error: Error) => void = () => undefined;
  const slow = loadRequest('mnist', () => new Promise((_, reject) => (fail = reject)));
  await loadRequest('iris', iris);
  fail(new Error('the line is dead'));
  expect(await slow).toBe(true);
  expect(useData.getState()).toMatchObject({ phase: 'ready', problem: null });
});

test('a failure is told, and what was loaded stays', async () => {
  await loadRequest('iris', iris);
  expect(await loadRequest('csv', () => Promise.reject(new Error('no such file')))).toBe(false);
  expect(useData.getState()).toMatchObject({ phase: 'failed', info: { name: 'iris' } });
  expect(useData.getState().problem).toContain('no such file');
});

test('the files of MNIST are given away, and no request keeps them', async () => {
  const load = loadRequest('mnist', mnist);
  await turn();
  reading.done[0]?.();
  expect(await load).toBe(true);
  expect(given).toMatchObject([{ request: { kind: 'mnist', files: [{ name: 'x' }] }, transfer: true }]);
  expect(useData.getState().request).toEqual({ kind: 'mnist', files: [] });
});

test('MNIST that is still being read when another set is chosen never reaches the engine', async () => {
  const slow = loadRequest('mnist', mnist);
  await turn();
  await loadRequest('iris', iris);
  reading.done[0]?.();
  expect(await slow).toBe(true);
  expect(given.map(({ request }) => request.kind)).toEqual(['iris']);
  expect(useData.getState()).toMatchObject({ phase: 'ready', choice: 'iris', info: { name: 'iris' } });
});
