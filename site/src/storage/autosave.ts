/** The last project, kept without being asked: the document after every change. */
import { create } from 'zustand';
import { useProject } from '../state/project';
import { notify } from '../state/ui';
import { indexedDbStore } from './indexedDb';
import { readNewest, writeNext } from './slots';
import { readProject, writeProject } from './projectFile';
import { readTab, writeTab } from './tab';
import type { Doc } from '../graph/types';

export const useSaving = create<{ state: 'saved' | 'saving' | 'failed' }>(() => ({ state: 'saved' }));

/** Of a browser that keeps nothing (some private windows, a full disk). */
export const notKept = 'This browser keeps nothing for the page: save the model as a file before you leave.';

let told = false;

/** The status line says it all the time; a sentence says it once. */
export function savingFailed(): void {
  useSaving.setState({ state: 'failed' });
  if (!told) notify('warning', notKept);
  told = true;
}

const slotName = 'project';
const delayMs = 400;

let writes = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The status line says `Saved here` once all that is being kept is kept. */
export async function keeping(write: () => Promise<unknown>): Promise<void> {
  ++writes;
  useSaving.setState({ state: 'saving' });
  try {
    await write();
    if (writes === 1 && timer === undefined && useSaving.getState().state === 'saving')
      useSaving.setState({ state: 'saved' });
  } catch {
    savingFailed();
  } finally {
    --writes;
  }
}

/** That of this tab; in a new one the last that any tab has kept. */
export async function lastProject(): Promise<Doc | null> {
  const own = readTab();
  return (
    (own === null ? null : readProject(own)) ?? readNewest(indexedDbStore, slotName, readProject).catch(() => null)
  );
}

async function save(): Promise<void> {
  const text = writeProject(useProject.getState().doc);
  writeTab(text);
  await keeping(() => writeNext(indexedDbStore, slotName, text));
}

export function watchProject(): void {
  const flush = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    void save();
  };
  useProject.subscribe((state, before) => {
    if (state.revision === before.revision || !state.loaded) return;
    clearTimeout(timer);
    timer = setTimeout(flush, delayMs);
    useSaving.setState({ state: 'saving' });
  });
  document.addEventListener('visibilitychange', flush);
  window.addEventListener('pagehide', flush);
}
