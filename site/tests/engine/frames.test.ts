import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paced } from '../../src/engine/frames';

let time = 0;
let frame: (() => void) | null = null;
let timer: { at: number; run: () => void } | null = null;
let frames = 0;

/** What is due so many milliseconds later: a timer, then a frame of the page. */
function pass(ms: number): void {
  time += ms;
  if (timer && timer.at <= time) {
    const { run } = timer;
    timer = null;
    run();
  }
  const run = frame;
  frame = null;
  run?.();
}

beforeEach(() => {
  time = 1000;
  timer = frame = null;
  frames = 0;
  vi.stubGlobal('document', { visibilityState: 'visible' });
  vi.stubGlobal('performance', { now: () => time });
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    frame = callback;
    frames += 1;
  });
  vi.stubGlobal('setTimeout', (run: () => void, ms: number) => {
    timer = { at: time + ms, run };
  });
});
afterEach(() => vi.unstubAllGlobals());

test('many changes are shown once, with the next frame', () => {
  const show = vi.fn();
  const { soon } = paced(show, 50);
  for (let i = 0; i < 100; i += 1) soon();
  expect(show).not.toHaveBeenCalled();
  pass(16);
  expect(show).toHaveBeenCalledTimes(1);
  pass(16);
  expect(show).toHaveBeenCalledTimes(1);
});

test('a page that takes long to show something gets as long for itself', () => {
  const show = vi.fn(() => {
    time += 200;
  });
  const { soon } = paced(show, 50);
  soon();
  pass(16);
  soon();
  pass(100);
  expect(show).toHaveBeenCalledTimes(1);
  pass(100);
  expect(show).toHaveBeenCalledTimes(2);
});

test('while nothing may be shown, no frames are asked for', () => {
  const show = vi.fn();
  const { soon } = paced(show, 50);
  soon();
  pass(16);
  for (let ms = 0; ms < 48; ms += 8) {
    soon();
    pass(8);
  }
  expect(show).toHaveBeenCalledTimes(1);
  expect(frames).toBe(1);
  pass(8);
  expect(show).toHaveBeenCalledTimes(2);
});

test('what waits is shown at once when it must be, and nothing twice', () => {
  const show = vi.fn();
  const { soon, now } = paced(show, 50);
  now();
  expect(show).not.toHaveBeenCalled();
  soon();
  now();
  pass(16);
  expect(show).toHaveBeenCalledTimes(1);
});
