import { expect, test } from 'vitest';
import { problemText, sentence } from '../../src/graph/words';
import { columnName, toOwnUnits, toSeen, endLacksClasses, mayBeNegative, rowFields } from '../../src/state/columns';

const table = {
  name: 't',
  input_shape: [2],
  train_count: 1,
  test_count: 0,
  labels: [],
  class_counts: [],
  features: ['sepal_length', 'b'],
  bytes: 0,
};
const scaled = { ...table, standardization: { mean: [5, 10], deviation: [2, 4] } };

test('a row is shown in its own units and given to the network scaled', () => {
  expect(toSeen(scaled, [7, 10])).toEqual([1, 0]);
  expect(toOwnUnits(scaled, toSeen(scaled, [7, 12]))).toEqual([7, 12]);
  expect(toSeen(table, [7, 10])).toEqual([7, 10]);
});

test('a column’s name reads as words', () => {
  expect(columnName('sepal_length')).toBe('Sepal length');
});

test('messages end as sentences do', () => {
  expect(sentence('it is so')).toBe('it is so.');
  expect(sentence('Is it so? ')).toBe('Is it so?');
  expect(sentence('')).toBe('');
});

test('a problem says what is wrong and what to do', () => {
  expect(problemText({ message: 'Dense takes 1 input and got 0', fix: 'connect a layer to it' })).toBe(
    'Dense takes 1 input and got 0. Connect a layer to it.',
  );
  expect(problemText({ message: 'Too large.', fix: '' })).toBe('Too large.');
});

test('rows in the order of their classes end without some of them', () => {
  const sorted = Array.from({ length: 30 }, (_, row) => Math.floor(row / 10));
  expect(endLacksClasses(sorted)).toBe(true);
  expect(endLacksClasses(sorted.map((_, row) => row % 3))).toBe(false);
  expect(endLacksClasses([])).toBe(false);
});

test('columns of one word each are one choice', () => {
  const fields = rowFields(['age', 'city=Bonn', 'city=Ulm', 'colour=red', 'height']);
  expect(fields.map(({ kind, name, columns }) => [kind, name, columns.map(({ index }) => index)])).toEqual([
    ['number', 'age', [0]],
    ['choice', 'city', [1, 2]],
    ['choice', 'colour', [3]],
    ['number', 'height', [4]],
  ]);
  expect(fields[1]?.columns.map(({ word }) => word)).toEqual(['Bonn', 'Ulm']);
});

test('a column is expected to go below zero by its mean and its deviation, and where nothing is known', () => {
  const known = { ...table, standardization: { mean: [5.8, 0.1], deviation: [0.8, 1] } };
  expect(mayBeNegative(known, 0)).toBe(false);
  expect(mayBeNegative(known, 1)).toBe(true);
  expect(mayBeNegative(known, 2)).toBe(true);
});
