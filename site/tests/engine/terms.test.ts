import { beforeEach, expect, test, vi } from 'vitest';
import type { DatasetInfo } from '@trainyard/types';
import { showTerms } from '../../src/engine/terms';
import { useData } from '../../src/state/data';

const asked = vi.fn(() => Promise.resolve([{ index: 0, label: 2, input: new Float32Array([0.5]) }]));

vi.mock('../../src/engine/session', async (original) => ({
  ...(await original<typeof import('../../src/engine/session')>()),
  needEngine: () => ({ samples: asked }),
}));

const table: DatasetInfo = {
  name: 'table',
  source: '',
  task: 'classification',
  input_shape: [1],
  train_count: 1,
  test_count: 0,
  labels: ['c'],
  class_counts: [1],
  features: ['x'],
  bytes: 0,
};
const learned: DatasetInfo = { ...table, labels: ['a', 'b', 'c'], class_counts: [0, 0, 1] };

beforeEach(() => {
  asked.mockClear();
  const samples = [{ index: 0, label: 0, input: new Float32Array([0]) }];
  useData.setState({ phase: 'ready', info: { ...table, endLacksClasses: false }, samples });
});

test('the page shows a table in the terms of the model that was opened', async () => {
  await showTerms(learned);
  const { info, samples } = useData.getState();
  expect(info).toEqual({ ...learned, endLacksClasses: false });
  expect(samples[0]?.label).toBe(2);
});

test('nothing is asked where the terms are those of before', async () => {
  const { info } = useData.getState();
  await showTerms({ ...table });
  await showTerms(null);
  expect(useData.getState().info).toBe(info);
  expect(asked).not.toHaveBeenCalled();
});

test('a choice made meanwhile stays', async () => {
  const other = { ...table, name: 'other' };
  const shown = showTerms(learned);
  useData.setState({ info: other });
  await shown;
  expect(useData.getState().info).toBe(other);
});
