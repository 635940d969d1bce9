import { describe, expect, test } from 'vitest';
import type { ArgKind, ArgSchema } from '@trainyard/types';
import { formatArg, parseArg } from '../../src/widgets/parse';

const arg = (kind: ArgKind, more: Partial<ArgSchema> = {}): ArgSchema => ({
  name: 'a',
  kind,
  doc: '',
  required: true,
  nullable: false,
  default: null,
  advanced: false,
  ...more,
});

describe('text is read', () => {
  test.each([
    ['int', {}, '12', 12],
    ['float', {}, '1e-3', 0.001],
    ['float', {}, '.5', 0.5],
    ['float', {}, '0,001', 0.001],
    ['number_or_schedule', {}, '-,5', -0.5],
    ['int_tuple', { length: 2 }, '3', [3, 3]],
    ['int_tuple', { length: 2 }, '3 × 5', [3, 5]],
    ['int_tuple', { length: 2 }, '(3, 5)', [3, 5]],
    ['int_list', {}, '1, 2 3', [1, 2, 3]],
    ['axis', {}, '-1', -1],
    ['axis', {}, '1, 2', [1, 2]],
    ['shape', {}, '28x28x1', [28, 28, 1]],
    ['shape', {}, '? 3', [null, 3]],
    [
      'padding',
      { length: 2 },
      '1',
      [
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'padding',
      { length: 2 },
      '1/2, 3',
      [
        [1, 2],
        [3, 3],
      ],
    ],
    ['json', {}, '{"a": [1]}', { a: [1] }],
    ['text', {}, ' as it is ', ' as it is '],
  ] as const)('as %s %o: %s', (kind, more, text, value) => {
    expect(parseArg(arg(kind, more), text)).toEqual({ value });
  });

  test('as null when empty, where null is accepted', () => {
    expect(parseArg(arg('int', { nullable: true }), '  ')).toEqual({ value: null });
    expect(parseArg(arg('int'), '')).toHaveProperty('problem');
  });
});

describe('text is refused with a reason', () => {
  test.each([
    ['int', {}, '1.5', /whole number/],
    ['int', { min: 1 }, '0', /At least 1/],
    ['float', { max: 1 }, '2', /At most 1/],
    ['float', {}, '1e999', /number/],
    ['float', {}, 'abc', /number/],
    ['int_tuple', { length: 2 }, '1 2 3', /or 2/],
    ['int_tuple', { length: 2, min: 1 }, '0', /At least 1/],
    ['shape', {}, '28 by 28', /sizes/],
    ['padding', { length: 2 }, '1/2/3', /before\/after/],
    ['json', {}, '{', /JSON/],
  ] as const)('%s %o: %s', (kind, more, text, reason) => {
    const parsed = parseArg(arg(kind, more), text);
    expect('problem' in parsed ? parsed.problem : '').toMatch(reason);
  });
});

test('what a field shows is read back as the same value', () => {
  const values: [ArgSchema, unknown][] = [
    [arg('int_tuple', { length: 2 }), [3, 5]],
    [arg('shape'), [28, null, 1]],
    [
      arg('padding', { length: 2 }),
      [
        [1, 2],
        [3, 3],
      ],
    ],
    [arg('axis'), -1],
    [arg('int_list'), [1, 2]],
    [arg('float'), 0.001],
    [arg('json'), { a: 1 }],
  ];
  for (const [schema, value] of values) expect(parseArg(schema, formatArg(schema, value as never))).toEqual({ value });
});
