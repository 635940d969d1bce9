/** At most one call a frame with the newest value; by a timer while the page is hidden, so that nothing is lost there. */
export function everyFrame<T>(deliver: (value: T) => void): { push: (value: T) => void; flush: () => void } {
  let waiting: { value: T } | null = null;
  let scheduled = false;
  const flush = () => {
    scheduled = false;
    const next = waiting;
    waiting = null;
    if (next) deliver(next.value);
  };
  const push = (value: T) => {
    waiting = { value };
    if (scheduled) return;
    scheduled = true;
    if (document.visibilityState === 'visible') requestAnimationFrame(flush);
    else setTimeout(flush, 250);
  };
  return { push, flush };
}
