/** The last project, kept without being asked: the document after every change. */
import { create } from 'zustand';
import { useProject } from '../state/project';
import { indexedDbStore } from './indexedDb';
import { readNewest, writeNext } from './slots';
import { readProject, writeProject } from './projectFile';
import type { Doc } from '../graph/types';

export const useSaving = create<{ state: 'saved' | 'saving' | 'failed' }>(() => ({ state: 'saved' }));

const slotName = 'project';
const delayMs = 400;

export const lastProject = (): Promise<Doc | null> =>
  readNewest(indexedDbStore, slotName, readProject).catch(() => null);

async function save(): Promise<void> {
  useSaving.setState({ state: 'saving' });
  try {
    await writeNext(indexedDbStore, slotName, writeProject(useProject.getState().doc));
    useSaving.setState({ state: 'saved' });
  } catch {
    useSaving.setState({ state: 'failed' });
  }
}

export function watchProject(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
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
