/**
 * Calls with Keras's dictionaries: each entry is an input of its own, and has an output of its own, in the order of keras.tree.flatten.
 * The entry that a call without a dictionary gives (the pictures) has no name in the drawing, so that a layer looks the same with and
 * without a dictionary; the others have their names at both ends of a connection.
 */
import type { Json } from '@trainyard/types';
import type { Catalog } from './catalog';
import { inEdges, layerOf, type Doc, type Edge, type Layer } from './types';
import { isObject } from './json';

/** What a layer takes in a dictionary. */
export interface Takes {
  /** Sorted; "bounding_boxes.boxes" for a dictionary within the dictionary. */
  readonly entries: readonly string[];
  /** The entry without a name. */
  readonly plain: string;
}

function takesOf(catalog: Catalog, className: Json | undefined, config: Json | undefined): Takes | null {
  const item = typeof className === 'string' ? catalog.layers.get(className) : undefined;
  if (item?.dictionary_entries) return { entries: item.dictionary_entries, plain: item.plain_entry ?? '' };
  const inner = item?.dictionary_of && isObject(config) ? config[item.dictionary_of] : null;
  if (!Array.isArray(inner)) return null;
  const all = inner.map((layer) => (isObject(layer) ? takesOf(catalog, layer['class_name'], layer['config']) : null));
  return all.every((takes) => takes !== null) ? (all[0] ?? null) : null;
}

/** Null for a layer that takes no dictionary. */
export function dictionaryOf(
  catalog: Catalog | null,
  layer: Pick<Layer, 'className' | 'config'> | undefined,
): Takes | null {
  return catalog && layer ? takesOf(catalog, layer.className, layer.config) : null;
}

/** The name of a layer's entry without one. */
export type PlainOf = (layer: Layer) => string | undefined;
export const noPlain: PlainOf = () => undefined;
export const plainBy =
  (catalog: Catalog | null): PlainOf =>
  (layer) =>
    dictionaryOf(catalog, layer)?.plain;

/** Keras's order: key by key, a dictionary within the dictionary at its own key. */
export function byEntry(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

const calls = new WeakMap<Doc['edges'], ReadonlySet<string>>();

/** The nodes that are called with a dictionary. */
function dictionaryCalls({ edges }: Doc): ReadonlySet<string> {
  const known = calls.get(edges);
  if (known) return known;
  const found = new Set(Object.values(edges).flatMap((edge) => (edge.entry === undefined ? [] : edge.target)));
  calls.set(edges, found);
  return found;
}

/** The entries that a call is given, in order; none where it is called without a dictionary. */
export function givenEntries(doc: Doc, node: string, plainOf: PlainOf): string[] {
  if (!dictionaryCalls(doc).has(node)) return [];
  const edges = inEdges(doc, node);
  const layer = layerOf(doc, node);
  const plain = layer && plainOf(layer);
  return [...new Set(edges.flatMap((edge) => edge.entry ?? plain ?? []))].sort(byEntry);
}

/** Which tensor of its layer an output is: that of an entry by its name, of the entry without a name where there is a dictionary. */
export function tensorOf(
  doc: Doc,
  { source, tensor, output }: Pick<Edge, 'source' | 'tensor' | 'output'>,
  plainOf: PlainOf,
): number {
  const given = givenEntries(doc, source, plainOf);
  if (given.length === 0) return output === undefined ? tensor : 1;
  const layer = layerOf(doc, source);
  const place = given.indexOf(output ?? (layer && plainOf(layer)) ?? '');
  // One that is there no more keeps its connections; the engine says that they lead nowhere.
  return place < 0 ? given.length : place;
}

/** The tensor that a layer gives first of all: its first, or of a dictionary what has no name. */
export const mainTensor = (doc: Doc, node: string, plainOf: PlainOf): number =>
  tensorOf(doc, { source: node, tensor: 0 }, plainOf);

/** The words of the canvas for an entry: the last part of its name, after what it belongs to where that part alone could be another entry. */
export function entryWords(name: string): string {
  const known: Readonly<Record<string, string>> = {
    'bounding_boxes.boxes': 'boxes',
    'bounding_boxes.labels': 'box labels',
    segmentation_masks: 'masks',
  };
  return known[name] ?? name.replace(/[._]/g, ' ');
}

/** Edges of the entry without a name lose it, at both ends: drawings are the same whether a file spelled it out or not. */
export function withoutPlainNames(doc: Doc, plainOf: PlainOf): Doc {
  const plain = (node: string) => {
    const layer = layerOf(doc, node);
    return layer && plainOf(layer);
  };
  const edges: Record<string, Edge> = {};
  for (const [id, { entry, output, ...edge }] of Object.entries(doc.edges)) {
    edges[id] = {
      ...edge,
      ...(entry === undefined || entry === plain(edge.target) ? {} : { entry }),
      ...(output === undefined || output === plain(edge.source) ? {} : { output }),
    };
  }
  // Ends of the model, `node:tensor`.
  const bare = (end: Json): Json => {
    if (typeof end !== 'string') return end;
    const cut = end.lastIndexOf(':');
    const node = end.slice(0, cut);
    return end.slice(cut + 1) === plain(node) ? `${node}:0` : end;
  };
  const settings = Object.fromEntries(
    Object.entries(doc.settings).map(([id, { value }]) => [
      id,
      { id, value: id.startsWith('model.') && Array.isArray(value) ? value.map(bare) : value },
    ]),
  );
  return { ...doc, edges, settings };
}
