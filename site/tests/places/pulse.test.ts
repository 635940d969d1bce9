import { expect, test } from 'vitest';
import { pulseOffset } from '../../src/places/network/pulse';

test('the pulse goes forward by whole dashes, then back, and turns softly', () => {
  expect(pulseOffset(0)).toBeCloseTo(48);
  expect(pulseOffset(700)).toBeCloseTo(24);
  expect(pulseOffset(1400)).toBeCloseTo(0);
  expect(pulseOffset(2800)).toBeCloseTo(48);
  const step = (from: number) => Math.abs(pulseOffset(from + 100) - pulseOffset(from));
  expect(step(0)).toBeLessThan(step(650) / 3);
});
