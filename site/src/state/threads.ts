/** How many threads the engine is given on this device: what its user chose, or what suits the cores that the browser tells of. */

const key = 'trainyard.threads';

/** Null: as many as suit. */
export function chosenThreads(): number | null {
  try {
    const stored = Number(localStorage.getItem(key));
    return Number.isInteger(stored) && stored > 0 ? stored : null;
  } catch {
    return null;
  }
}

export function chooseThreads(threads: number | null): void {
  try {
    if (threads === null) localStorage.removeItem(key);
    else localStorage.setItem(key, String(threads));
  } catch {
    // Then it is as before on the next visit.
  }
}

const mostOffered = 16;

/** One to as many as there are cores. */
export function threadChoices(cores: number, now: number): number[] {
  const most = Math.max(now, Math.min(mostOffered, Number.isInteger(cores) && cores > 0 ? cores : 1));
  return Array.from({ length: most }, (_, index) => index + 1);
}
