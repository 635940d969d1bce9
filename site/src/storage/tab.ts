/** The project of this tab, which a reload brings back whatever another tab has open. Null where the browser keeps nothing, or it is too large. */

const key = 'trainyard.tab';

export function readTab(): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeTab(text: string): void {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    forgetTab();
  }
}

/** An older text must not be taken for the newest. */
function forgetTab(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Then there was none.
  }
}
