/**
 * A change to be shown soon: with a frame of the page, and not before the page had as long for itself as the last showing took. Until
 * then no frame is asked for, as each costs what draws a page. While it is hidden a timer shows it, so that nothing is lost there.
 */
export function paced(show: () => void, leastMs: number): { soon: () => void; now: () => void } {
  let scheduled = false;
  let waiting = false;
  let free = 0;
  const now = () => {
    if (!waiting) return;
    waiting = false;
    const begun = performance.now();
    show();
    const end = performance.now();
    free = end + Math.max(leastMs, end - begun);
  };
  const frame = () => {
    scheduled = false;
    if (document.visibilityState !== 'visible' || performance.now() >= free) now();
    else schedule();
  };
  const schedule = () => {
    scheduled = true;
    const wait = free - performance.now();
    if (document.visibilityState !== 'visible') setTimeout(frame, 250);
    else if (wait > 0) setTimeout(frame, wait);
    else requestAnimationFrame(frame);
  };
  const soon = () => {
    waiting = true;
    if (!scheduled) schedule();
  };
  return { soon, now };
}
