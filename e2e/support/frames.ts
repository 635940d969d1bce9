/** Counts the frames that the page draws, to know that it is not held up. */
import type { Page } from '@playwright/test';

export interface Frames {
  count: number;
  seconds: number;
  longestGapMs: number;
}

declare global {
  interface Window {
    frameTimes?: number[];
  }
}

export async function watchFrames(page: Page): Promise<{ end: () => Promise<Frames> }> {
  await page.evaluate(() => {
    const times: number[] = [];
    window.frameTimes = times;
    const next = (now: number): void => {
      if (window.frameTimes !== times) return;
      times.push(now);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  return {
    end: () =>
      page.evaluate(() => {
        const times = window.frameTimes ?? [];
        delete window.frameTimes;
        const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
        const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
        return { count: times.length, seconds, longestGapMs: Math.max(0, ...gaps) };
      }),
  };
}
