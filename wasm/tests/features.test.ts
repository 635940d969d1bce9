/** Which build is chosen, for every kind of browser and page. */
import { describe, expect, test, vi } from 'vitest';
import {
  chooseBuild,
  defaultThreads,
  detectFeatures,
  relaxedSimdProbe,
  simdProbe,
  withoutThreads,
  type Features,
} from '../client/features';

const best: Features = { isolated: true, sharedMemory: true, relaxedSimd: true, simd: true, cores: 8 };

describe('threads', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [8, 7],
  ])('%i cores: %i', (cores, threads) => expect(defaultThreads(cores)).toBe(threads));
});

describe('the build', () => {
  test('is the fastest that an isolated page can run', () => {
    expect(chooseBuild(best)).toMatchObject({ build: 'threads-relaxed', threads: 7 });
  });
  test('goes without relaxed SIMD where the browser has none', () => {
    const choice = chooseBuild({ ...best, relaxedSimd: false });
    expect(choice).toMatchObject({ build: 'threads', threads: 7 });
    expect(choice.reason).toContain('no relaxed SIMD');
  });
  test('has one thread where the page is not isolated, and says so', () => {
    const choice = chooseBuild({ ...best, isolated: false });
    expect(choice).toMatchObject({ build: 'single', threads: 1 });
    expect(choice.reason).toContain('not cross-origin isolated');
  });
  test('has one thread where an isolated page still has no shared memory, and does not blame the page', () => {
    const choice = chooseBuild({ ...best, sharedMemory: false });
    expect(choice).toMatchObject({ build: 'single', threads: 1 });
    expect(choice.reason).toContain('shares no memory');
  });
  test('is the one without threads where they do not start, and says why', () => {
    const other = withoutThreads(chooseBuild(best), 'no memory');
    expect(other).toMatchObject({ build: 'single', threads: 1 });
    expect(other?.reason).toContain('no memory');
    expect(withoutThreads(chooseBuild(best, { build: 'single' }), 'no memory')).toBeNull();
  });
  test('has one thread on one core', () => {
    expect(chooseBuild({ ...best, cores: 1 })).toMatchObject({
      build: 'single',
      threads: 1,
      reason: '1 core, so one thread',
    });
    expect(chooseBuild(best, { threads: 1 })).toMatchObject({ build: 'single', reason: 'one thread was asked for' });
  });
  test('is never one that the page cannot run, even when asked for', () => {
    expect(chooseBuild({ ...best, isolated: false }, { build: 'threads-relaxed' }).build).toBe('single');
    expect(chooseBuild({ ...best, relaxedSimd: false }, { build: 'threads-relaxed' }).build).toBe('threads');
  });
  test.each(['threads-relaxed', 'threads', 'single'] as const)('is %s when that is asked for', (build) => {
    expect(chooseBuild(best, { build, threads: 2 }).build).toBe(build);
  });
  test('takes the number of threads asked for', () => {
    expect(chooseBuild(best, { threads: 3 }).threads).toBe(3);
  });
  test('does not exist for a browser without SIMD', () => {
    expect(() => chooseBuild({ ...best, simd: false })).toThrow('too old');
  });
});

test('a browser without WebAssembly is told of by what switches it off', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(() => detectFeatures()).toThrow('Lockdown Mode');
  vi.unstubAllGlobals();
});

test('the probes are well-formed: this JavaScript engine has SIMD', () => {
  expect(WebAssembly.validate(simdProbe)).toBe(true);
  expect(WebAssembly.validate(relaxedSimdProbe.slice(0, -3))).toBe(false);
});
