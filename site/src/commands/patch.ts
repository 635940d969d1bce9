/**
 * An edit is a list of patches, each holding what stood there before and after. Inverting one is swapping the two, so undo, redo and
 * autosave need no other mechanism.
 */
import type { Doc } from '../graph/types';

export type Table = keyof Doc;
export type Row<T extends Table> = Doc[T][string];

export type Patch = { [T in Table]: { table: T; id: string; before: Row<T> | null; after: Row<T> | null } }[Table];

export interface Command {
  /** What was done, as a past-tense phrase: “Added Conv2D”. */
  readonly label: string;
  readonly patches: readonly Patch[];
  /** Commands with the same key that follow each other quickly become one step of undo (dragging, typing). */
  readonly mergeKey?: string;
}

type Tables = { [T in Table]: Record<string, Row<T>> };

function applyPatch(tables: Tables, patch: Patch): void {
  const table = { ...tables[patch.table] } as Record<string, Row<Table>>;
  if (patch.after === null) delete table[patch.id];
  else table[patch.id] = patch.after;
  (tables as Record<Table, Record<string, Row<Table>>>)[patch.table] = table;
}

export function apply(doc: Doc, command: Command): Doc {
  const tables: Tables = { ...doc } as Tables;
  for (const patch of command.patches) applyPatch(tables, patch);
  return tables;
}

export function invert(command: Command): Command {
  const patches = [...command.patches]
    .reverse()
    .map((patch) => ({ ...patch, before: patch.after, after: patch.before }) as Patch);
  return { ...command, patches };
}

/** One step out of two that follow each other. */
export function merge(first: Command, second: Command): Command {
  return { ...second, label: first.label, patches: [...first.patches, ...second.patches] };
}

const tables: readonly Table[] = ['layers', 'nodes', 'edges', 'settings'];

/** The command that turns one document into another. */
export function diff(from: Doc, to: Doc, label: string, mergeKey?: string): Command {
  const patches: Patch[] = [];
  for (const table of tables) {
    const ids = new Set([...Object.keys(from[table]), ...Object.keys(to[table])]);
    for (const id of ids) {
      const before = from[table][id] ?? null;
      const after = to[table][id] ?? null;
      if (before !== after) patches.push({ table, id, before, after } as Patch);
    }
  }
  return mergeKey === undefined ? { label, patches } : { label, patches, mergeKey };
}
