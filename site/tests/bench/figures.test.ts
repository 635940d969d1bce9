import { describe, expect, it } from 'vitest';
import { asBenchResult, barsOf, epochWords } from '../../src/bench/figures';
import type { Measured } from '../../src/bench/rounds';

const row = (net: Measured['net'], task: Measured['task'], rates: number[], median: number): Measured => ({
  net,
  task,
  contender: 'Trainyard',
  rates,
  median,
  cannot: null,
});
const rows = [row('mlp', 'train', [90, 110], 100), row('mlp', 'predict', [400], 400), row('cnn', 'train', [50], 50)];

describe('figures of the speed page', () => {
  it('are what scripts read from window.benchResult', () => {
    const info = { threads: 2, simd: 'relaxed' } as never;
    expect(asBenchResult(rows, info)).toEqual({
      mlp: { train: 100, predict: 400 },
      cnn: { train: 50, predict: 0 },
      threads: 2,
      simd: 'relaxed',
    });
  });

  it('give each task a scale of its own', () => {
    const bars = barsOf(rows, ['mlp', 'lenet5', 'cnn'], 'train');
    expect(bars.map((bar) => bar.part)).toEqual([1, 0, 0.5]);
    expect(bars.map((bar) => bar.rate)).toEqual([100, null, 50]);
    expect(bars[0]?.range).toEqual([90, 110]);
    expect(bars[2]?.range).toBeNull();
  });

  it('say how long an epoch of MNIST takes', () => {
    expect(epochWords(15_000)).toBe('an epoch of MNIST in 4.0 s');
    expect(epochWords(1500)).toBe('an epoch of MNIST in 40 s');
  });
});
