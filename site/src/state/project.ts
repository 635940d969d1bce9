/** The open project: the document with its undo history. Everything that changes it is a command. */
import { create } from 'zustand';
import type { Json } from '@trainyard/types';
import { perform, redo, startHistory, undo, type History } from '../commands/history';
import type { Command } from '../commands/patch';
import { setSetting } from '../commands/edits';
import { emptyDoc, type Doc } from '../graph/types';

interface ProjectState extends History {
  /** False until the last project was read or a first one made. */
  loaded: boolean;
  perform: (command: Command) => void;
  undo: () => void;
  redo: () => void;
  /** A setting that undo passes over, such as which data lies loaded. */
  remember: (id: string, value: Json) => void;
  /** Opens another project; its past is another one too. */
  open: (doc: Doc) => void;
}

export const useProject = create<ProjectState>((set) => ({
  ...startHistory(emptyDoc),
  loaded: false,
  perform: (command) => set((state) => perform(state, command, Date.now())),
  undo: () => set((state) => undo(state)),
  redo: () => set((state) => redo(state)),
  remember: (id, value) =>
    set((state) => ({
      doc: { ...state.doc, settings: { ...state.doc.settings, [id]: { id, value } } },
      revision: state.revision + 1,
    })),
  open: (doc) => set((state) => ({ ...startHistory(doc), revision: state.revision + 1, loaded: true })),
}));

export const currentDoc = (): Doc => useProject.getState().doc;
export const performCommand = (command: Command): void => useProject.getState().perform(command);

export function changeSetting(id: string, value: Json, label: string): void {
  performCommand(setSetting(currentDoc(), id, value, label));
}

export function useSetting(id: string): Json | undefined {
  return useProject((state) => state.doc.settings[id]?.value);
}
