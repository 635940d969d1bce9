import { describe, expect, test } from 'vitest';
import {
  asDigitsChoice,
  countProblem,
  digitsDefault,
  digitsFrom,
  mostDigits,
  seedProblem,
} from '../../src/state/digits';

describe('how many digits are drawn', () => {
  test('is what the project remembers, where that makes sense', () => {
    expect(asDigitsChoice({ train: 2000, seed: 7 })).toEqual({ train: 2000, seed: 7 });
    expect(asDigitsChoice(undefined)).toEqual(digitsDefault);
    expect(asDigitsChoice('many')).toEqual(digitsDefault);
    expect(asDigitsChoice({ train: mostDigits + 1, seed: -1 })).toEqual(digitsDefault);
    expect(asDigitsChoice({ train: 1.5, seed: 3 })).toEqual({ ...digitsDefault, seed: 3 });
  });

  test('is typed as people write numbers', () => {
    expect(countProblem('10,000')).toBeNull();
    expect(digitsFrom('10 000', '0')).toEqual({ train: 10_000, seed: 0 });
  });

  test('is refused with what it may be', () => {
    for (const text of ['', '99', '200001', '1e4', 'many', '-5', '10.5'])
      expect(countProblem(text)).toBe('A whole number from 100 to 200,000.');
    for (const text of ['', '-1', '4294967296', 'x']) expect(seedProblem(text)).toContain('from 0 to 4,294,967,295');
    expect(seedProblem('4294967295')).toBeNull();
  });
});
