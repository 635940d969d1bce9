/** The service worker: headers that isolate the page, and everything kept for use without a network. */
import { create } from 'zustand';

export const useOffline = create<{ ready: boolean }>(() => ({ ready: false }));

const guardKey = 'trainyard.reloaded';
const patienceMs = 4000;

function reloadedBefore(): boolean {
  try {
    return sessionStorage.getItem(guardKey) !== null;
  } catch {
    return true;
  }
}

function setGuard(on: boolean): void {
  try {
    if (on) sessionStorage.setItem(guardKey, '1');
    else sessionStorage.removeItem(guardKey);
  } catch {
    // Without session storage reloadedBefore() says yes, so no loop can begin.
  }
}

function controlled(): Promise<boolean> {
  if (navigator.serviceWorker.controller) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patienceMs);
    navigator.serviceWorker.addEventListener(
      'controllerchange',
      () => {
        clearTimeout(timer);
        resolve(true);
      },
      { once: true },
    );
  });
}

/**
 * Registers the worker. On a host that sends no isolation headers the page reloads once, through the worker that adds them; answers
 * false when that reload is under way and nothing else should be started. A second time in the same tab it never reloads.
 */
export async function registerWorker(): Promise<boolean> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return true;
  const scope = new URL('./', document.baseURI).pathname;
  const registered = navigator.serviceWorker.register(new URL('sw.js', document.baseURI), { scope }).then(
    () => true,
    () => false,
  );
  if (window.crossOriginIsolated) {
    setGuard(false);
    return true;
  }
  if (reloadedBefore() || !(await registered) || !(await controlled())) return true;
  setGuard(true);
  window.location.reload();
  return false;
}

/** Asks the worker to store everything; done in the background once the page is usable. */
export async function storeForOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.ready;
  navigator.serviceWorker.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.data === 'stored') useOffline.setState({ ready: true });
  });
  registration.active?.postMessage('store');
}
