/** Asks the browser to keep what is stored here also when room runs short. */

let asked = false;

/** Where the answer costs nobody a click: Firefox would ask its user, uninvited. Called when there is something to lose. */
export function askToStay(
  agent: string = navigator.userAgent,
  storage: Partial<StorageManager> = navigator.storage,
): void {
  if (asked || /Firefox/.test(agent) || typeof storage?.persist !== 'function') return;
  asked = true;
  void storage.persist().catch(() => undefined);
}
