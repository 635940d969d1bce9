import { expect, test } from 'vitest';
import { latestWins } from '../../src/engine/latest';
import { sharesOf } from '../../src/engine/shares';

test('while one question is open only the newest of the others is asked', async () => {
  const answers: ((value: number) => void)[] = [];
  const asked: number[] = [];
  const delivered: number[] = [];
  const ask = latestWins(
    (input: number) => {
      asked.push(input);
      return new Promise<number>((resolve) => answers.push(resolve));
    },
    (output) => delivered.push(output),
    () => undefined,
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  for (const input of [1, 2, 3]) ask(input);
  expect(asked).toEqual([1]);
  answers[0]?.(10);
  await settle();
  expect(asked).toEqual([1, 3]);
  answers[1]?.(30);
  await settle();
  expect(delivered).toEqual([10, 30]);
});

test('a failed question does not stop the next', async () => {
  const failures: unknown[] = [];
  const delivered: number[] = [];
  const ask = latestWins(
    (input: number) => (input === 1 ? Promise.reject(new Error('no')) : Promise.resolve(input)),
    (output) => delivered.push(output),
    (error) => failures.push(error),
  );
  ask(1);
  ask(2);
  await new Promise((resolve) => setTimeout(resolve));
  expect(failures).toHaveLength(1);
  expect(delivered).toEqual([2]);
});

test('a layer’s share is its part of the time that belongs to layers', () => {
  const rows = [
    { layer: 'a', milliseconds: 1 },
    { layer: 'b', milliseconds: 2 },
    { layer: 'a', milliseconds: 1 },
    { layer: '', milliseconds: 100 },
  ];
  expect(sharesOf(rows)).toEqual({ a: 0.5, b: 0.5 });
  expect(sharesOf([])).toEqual({});
});
