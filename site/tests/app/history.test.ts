import { describe, expect, it } from 'vitest';
import { placeOf, stepTo } from '../../src/app/history';

describe('the history of the browser', () => {
  it('gets an entry for each place', () => {
    expect(stepTo({ place: 'build', over: false }, { place: 'train', over: false })).toBe('push');
    expect(stepTo({ place: 'train', over: false }, { place: 'train', over: false })).toBe('stay');
  });

  it('gets an entry for what opens over a place, which its closing takes back', () => {
    expect(stepTo({ place: 'build', over: false }, { place: 'build', over: true })).toBe('push');
    expect(stepTo({ place: 'build', over: true }, { place: 'build', over: true })).toBe('stay');
    expect(stepTo({ place: 'build', over: true }, { place: 'build', over: false })).toBe('back');
  });

  it('keeps no entry of a sheet that another place was chosen from', () => {
    expect(stepTo({ place: 'build', over: true }, { place: 'data', over: false })).toBe('replace');
  });

  it('reads a place from the address, and the first one from any other', () => {
    expect(placeOf('#export')).toBe('export');
    expect(placeOf('')).toBe('build');
    expect(placeOf('#nowhere')).toBe('build');
  });
});
