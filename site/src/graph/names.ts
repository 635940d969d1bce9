/** Names and ids, as Keras makes them: `max_pooling2d`, `max_pooling2d_1`. */
import type { Doc } from './types';

/** Keras's `to_snake_case`: MaxPooling2D -> max_pooling2d, LSTM -> lstm, LSTMCell -> lstm_cell. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

export function uniqueName(taken: Iterable<string>, wish: string): string {
  const names = new Set(taken);
  if (!names.has(wish)) return wish;
  const base = wish.replace(/_\d+$/, '');
  for (let i = 1; ; i += 1) if (!names.has(`${base}_${i}`)) return `${base}_${i}`;
}

export function layerNames(doc: Doc): string[] {
  return Object.values(doc.layers).map((layer) => layer.name);
}

/** A fresh id: short, never reused within a document; ids outlive renames, so undo and weights can follow them. */
export function freshId(prefix: string, taken: Readonly<Record<string, unknown>>): string {
  for (;;) {
    const id = `${prefix}${Math.floor(Math.random() * 0xffffffff).toString(36)}`;
    if (!(id in taken)) return id;
  }
}

/** Keras refuses a slash in names, and an empty one. */
export function nameProblem(doc: Doc, layerId: string, name: string): string | null {
  if (name.trim() === '') return 'A layer needs a name.';
  if (name.includes('/')) return "A layer's name cannot contain “/”.";
  const other = Object.values(doc.layers).find((layer) => layer.id !== layerId && layer.name === name);
  return other ? `Another layer is already called “${name}”.` : null;
}
