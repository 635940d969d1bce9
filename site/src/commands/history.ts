/** Undo and redo stacks over commands; pure. */
import type { Doc } from '../graph/types';
import { apply, invert, merge, type Command } from './patch';

export interface History {
  readonly doc: Doc;
  readonly past: readonly Command[];
  readonly future: readonly Command[];
  /** Grows with every change, undo and redo included. */
  readonly revision: number;
  readonly lastAt: number;
}

export const historyLimit = 200;
const mergeWithinMs = 1200;

export function startHistory(doc: Doc): History {
  return { doc, past: [], future: [], revision: 1, lastAt: 0 };
}

export function perform(history: History, command: Command, now: number): History {
  if (command.patches.length === 0) return history;
  const last = history.past[history.past.length - 1];
  const joins =
    last?.mergeKey !== undefined && last.mergeKey === command.mergeKey && now - history.lastAt < mergeWithinMs;
  const past = joins && last ? [...history.past.slice(0, -1), merge(last, command)] : [...history.past, command];
  return {
    doc: apply(history.doc, command),
    past: past.slice(-historyLimit),
    future: [],
    revision: history.revision + 1,
    lastAt: now,
  };
}

export function undo(history: History): History {
  const command = history.past[history.past.length - 1];
  if (!command) return history;
  return {
    doc: apply(history.doc, invert(command)),
    past: history.past.slice(0, -1),
    future: [command, ...history.future],
    revision: history.revision + 1,
    lastAt: 0,
  };
}

export function redo(history: History): History {
  const [command, ...future] = history.future;
  if (!command) return history;
  return {
    doc: apply(history.doc, command),
    past: [...history.past, command],
    future,
    revision: history.revision + 1,
    lastAt: 0,
  };
}
