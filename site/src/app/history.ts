/**
 * The browser's Back and Forward: each place has an address (`#train`), and an open sheet or dialog is a step of its own, so that Back
 * closes it, as a phone's users expect.
 */
import { places, setUi, useUi, type Place } from '../state/ui';

/** What an entry of the browser's history holds. */
export interface Entry {
  place: Place;
  /** A sheet or dialog lies over the place. */
  over: boolean;
}

/** What must happen to the history so that its entry is the view. */
export type Step = 'stay' | 'push' | 'replace' | 'back';

export function stepTo(entry: Entry, view: Entry): Step {
  if (view.place !== entry.place) return entry.over ? 'replace' : 'push';
  if (view.over === entry.over) return 'stay';
  return view.over ? 'push' : 'back';
}

export const placeOf = (hash: string): Place => places.find((place) => hash === `#${place}`) ?? 'build';

const addressOf = (place: Place): string => {
  const { pathname, search } = window.location;
  return place === 'build' ? `${pathname}${search}` : `#${place}`;
};

function currentEntry(): Entry {
  const state: unknown = window.history.state;
  const over = typeof state === 'object' && state !== null && 'over' in state && state.over === true;
  return { place: placeOf(window.location.hash), over };
}

const view = (): Entry => {
  const { place, sheet, dialog } = useUi.getState();
  return { place, over: sheet !== null || dialog !== null };
};

/** A step back that the page itself asked for is under way: the view is ahead of the history. */
let returning = false;

/** Safari refuses more than a hundred entries in half a minute; then Back goes one place further. */
function write(step: 'push' | 'replace', entry: Entry): void {
  try {
    if (step === 'push') window.history.pushState(entry, '', addressOf(entry.place));
    else window.history.replaceState(entry, '', addressOf(entry.place));
  } catch {
    // The page itself does not depend on it.
  }
}

function follow(): void {
  if (returning) return;
  const now = view();
  const step = stepTo(currentEntry(), now);
  if (step === 'push' || step === 'replace') write(step, now);
  if (step === 'back') {
    returning = true;
    window.history.back();
  }
}

function moved(): void {
  const asked = returning;
  returning = false;
  const entry = currentEntry();
  // What lay over the place when this entry was made is gone.
  if (entry.over) write('replace', { ...entry, over: false });
  if (!asked) setUi({ place: entry.place, sheet: null, dialog: null, connectFrom: null });
  follow();
}

export function watchHistory(): void {
  const place = placeOf(window.location.hash);
  write('replace', { place, over: false });
  setUi({ place });
  useUi.subscribe((state, before) => {
    if (state.place !== before.place || state.sheet !== before.sheet || state.dialog !== before.dialog) follow();
  });
  window.addEventListener('popstate', moved);
}
