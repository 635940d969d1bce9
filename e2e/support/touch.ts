/** Strokes by a finger: Playwright itself only taps. */
import type { Locator, Page } from '@playwright/test';
import type { Stroke } from './digits';

export async function drawByTouch(page: Page, pad: Locator, strokes: readonly Stroke[]): Promise<void> {
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error('The pad is not on the page');
  const session = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints });
  for (const stroke of strokes) {
    const points = stroke.map(({ x, y }) => ({ x: box.x + x * box.width, y: box.y + y * box.height }));
    const [first, ...rest] = points;
    if (!first) continue;
    await touch('touchStart', [first]);
    for (const point of rest) await touch('touchMove', [point]);
    await touch('touchEnd', []);
  }
  await session.detach();
}
