import { describe, expect, test } from 'vitest';
import type { JsonObject } from '@trainyard/types';
import { keyText, operationArgs, operationSummary, readKey, withOperationArg } from '../../src/graph/operationArgs';
import type { Layer } from '../../src/graph/types';

const mark = (input: number) => ({ class_name: '__input__', config: { input } });
const slice = (start: number | null, stop: number | null, step: number | null = null) => ({
  class_name: '__slice__',
  config: { start, stop, step },
});

const operation = (className: string, config: JsonObject, call: JsonObject): Layer => ({
  id: 'one',
  className,
  name: 'one',
  config: { name: 'one', dtype: 'float32', ...config },
  extra: { operation_call: call },
});

describe('the arguments of an operation', () => {
  const mean = operation('ops.Mean', { axis: [1, 2], keepdims: true }, { args: [mark(0)], kwargs: {} });
  const where = operation('ops.Where', {}, { args: [mark(0), [mark(1)], 0.5], kwargs: { mode: 'edge' } });

  test('are those that are no tensors, each of the kind that its value has', () => {
    expect(operationArgs(mean).map(({ arg }) => [arg.name, arg.kind])).toEqual([
      ['axis', 'axis'],
      ['keepdims', 'flag'],
    ]);
    expect(operationArgs(where).map(({ arg }) => [arg.name, arg.kind])).toEqual([
      ['argument_3', 'float'],
      ['mode', 'text'],
    ]);
    expect(operationArgs({ ...mean, className: 'Mean' })).toEqual([]);
  });

  test('are changed where they stand, and nothing else is', () => {
    const [third, mode] = operationArgs(where);
    const [axis] = operationArgs(mean);
    expect(third && withOperationArg(where, third.place, 2).extra['operation_call']).toEqual({
      args: [mark(0), [mark(1)], 2],
      kwargs: { mode: 'edge' },
    });
    expect(mode && withOperationArg(where, mode.place, 'wrap').extra['operation_call']).toMatchObject({
      kwargs: { mode: 'wrap' },
    });
    expect(axis && withOperationArg(mean, axis.place, -1).config).toMatchObject({ axis: -1, keepdims: true });
  });

  test('stand on the node in a few words', () => {
    expect(operationSummary(mean)).toBe('axis 1, 2 · keepdims');
    const item = operation('ops.GetItem', {}, { args: [mark(0), [slice(null, null), 0]], kwargs: {} });
    expect(operationSummary(item)).toBe('[:, 0]');
  });
});

describe('positions between brackets', () => {
  const key = [slice(null, null), null, { class_name: '__ellipsis__', config: {} }, slice(1, -1, 2), [0, 2], -1];

  test('are written as Python writes them, and read again', () => {
    expect(keyText(key)).toBe(':, None, ..., 1:-1:2, [0, 2], -1');
    expect(readKey(keyText(key))).toEqual(key);
  });

  test('are read with the brackets and the x around them too', () => {
    expect(readKey('x[:, 0]')).toEqual([slice(null, null), 0]);
    expect(readKey('[:, 0]')).toEqual([slice(null, null), 0]);
    expect(readKey('x[3]')).toEqual([3]);
    expect(readKey(' 0 ')).toEqual([0]);
  });

  test('are refused where they are none', () => {
    for (const text of ['', 'a', '1:2:3:4', ':, b', '[x]']) expect(readKey(text), text).toBeUndefined();
  });
});
