/** Keeps the screen on while a network learns: a phone whose screen goes dark halts the page, and the training with it. */
import { isBusy, useTraining } from '../state/training';

interface Lock {
  release: () => Promise<void>;
}

/** Holds a lock while it is wanted. A refusal (a low battery, a browser without locks) costs no more than the lit screen. */
export function lockWhile(request: () => Promise<Lock>): (wanted: boolean) => void {
  let held: Promise<Lock | null> | null = null;
  return (wanted) => {
    if (wanted && held === null) held = request().catch(() => null);
    else if (!wanted && held !== null) {
      void held.then((lock) => lock?.release()).catch(() => undefined);
      held = null;
    }
  };
}

export function watchScreen(): void {
  if (!('wakeLock' in navigator)) return;
  const lock = lockWhile(() => navigator.wakeLock.request('screen'));
  // The browser takes the lock away from a hidden page; a page that is seen again asks anew.
  const update = () => lock(isBusy(useTraining.getState().phase) && document.visibilityState === 'visible');
  useTraining.subscribe((state, before) => {
    if (state.phase !== before.phase) update();
  });
  document.addEventListener('visibilitychange', update);
}
