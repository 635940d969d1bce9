import { describe, expect, it } from 'vitest';
import { emptyDoc } from '../../src/graph/types';
import { goalOf } from '../../src/state/goal';
import { opWords, stepProfile } from '../../src/state/profile';
import { verdictWords } from '../../src/places/train/Clock';

const withGoal = (value: never) => ({ ...emptyDoc, settings: { 'train.goal': { id: 'train.goal', value } } });

describe('a goal', () => {
  it('is read from the project, and only where it is whole', () => {
    expect(goalOf(withGoal({ accuracy: 0.99, seconds: 15 } as never))).toEqual({ accuracy: 0.99, seconds: 15 });
    expect(goalOf(withGoal({ accuracy: 'much' } as never))).toBeNull();
    expect(goalOf(withGoal([1] as never))).toBeNull();
    expect(goalOf(emptyDoc)).toBeNull();
  });

  it('is reached by accuracy and time together', () => {
    const goal = { accuracy: 0.99, seconds: 15 };
    const verdict = (accuracy: number, seconds: number) => verdictWords(goal, { accuracy, samples: 10000, seconds });
    expect(verdict(0.9912, 9.4)).toEqual({
      good: true,
      text: '99.12 % of 10,000 test images read rightly. Goal reached.',
    });
    expect(verdict(0.9912, 40)).toMatchObject({ good: false });
    expect(verdict(0.9912, 40).text).toContain('later than the goal of 15 s');
    expect(verdict(0.9871, 9.4)).toMatchObject({ good: false });
    expect(verdict(0.9871, 9.4).text).toContain('the goal is 99 %');
  });
});

describe('the profile of a step', () => {
  const timed = [
    { op: 'MatMul', layer: 'dense', calls: 30, milliseconds: 30 },
    { op: 'Conv', layer: 'conv', calls: 10, milliseconds: 60 },
    { op: 'Gather', layer: '', calls: 20, milliseconds: 10 },
  ];

  it('counts by step, slowest first', () => {
    const profile = stepProfile(timed);
    expect(profile).toMatchObject({ steps: 10, milliseconds: 10 });
    expect(profile?.rows.map((row) => [row.op, row.milliseconds, row.share])).toEqual([
      ['Conv', 6, 0.6],
      ['MatMul', 3, 0.3],
      ['Gather', 1, 0.1],
    ]);
  });

  it('is none where nothing was timed', () => {
    expect(stepProfile([])).toBeNull();
    expect(stepProfile([{ op: 'Conv', layer: 'a', calls: 0, milliseconds: 0 }])).toBeNull();
  });

  it('speaks plainly of what it knows', () => {
    expect(opWords('ConvFilterGrad')).toBe('Convolution, gradient of the filters');
    expect(opWords('Conv')).toBe('Convolution');
    expect(opWords('Pool.max')).toBe('Pooling');
    expect(opWords('PoolGrad.max')).toBe('Pooling, back to its input');
    expect(opWords('Scan')).toBe('Scan');
  });
});
