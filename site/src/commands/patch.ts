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

type Rows = Record<string, Row<Table>>;

function applyPatch(tables: Record<Table, Rows>, patch: Patch): Record<Table, Rows> {
  const rows = tables[patch.table];
  if (patch.after !== null) return { ...tables, [patch.table]: { ...rows, [patch.id]: patch.after } };
  const { [patch.id]: _gone, ...left } = rows;
  return { ...tables, [patch.table]: left };
}

export function apply(doc: Doc, command: Command): Doc {
  return command.patches.reduce<Record<Table, Rows>>(applyPatch, doc) as Doc;
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
