/** Adding a layer from the palette: by a tap it continues where the selection is, by a drop it stands where it fell. */
import type { ClassSchema, DatasetInfo, JsonObject } from '@trainyard/types';
import { addLayer } from '../../commands/edits';
import { apply } from '../../commands/patch';
import { isValid } from '../../engine/model';
import { useEngine } from '../../engine/session';
import { withInputShape } from '../../graph/adapt';
import { isSource } from '../../graph/catalog';
import { dictionaryOf, givenEntries, plainBy, tensorOf } from '../../graph/dictionary';
import { reportOf } from '../../graph/reports';
import { keepingSequences, readingBoxes, starterConfig, type IncomingShape } from '../../graph/starters';
import { inEdges, layerOf, nodeSize, outEdges, type Doc, type Edge } from '../../graph/types';
import { currentDoc, performCommand } from '../../state/project';
import { useData } from '../../state/data';
import { isText } from '../../state/question';
import { select, useUi } from '../../state/ui';
import { edgeAt } from './flow';

export const dragType = 'application/x-trainyard-layer';
export const templateDragType = 'application/x-trainyard-template';

/** What a node gives, with the batch; null while it is not known. */
function shapeOf(doc: Doc, node: string | null | undefined, tensor = 0): IncomingShape {
  const layer = doc.nodes[node ?? '']?.layer ?? '';
  return reportOf(useEngine.getState().diagnosis, layer)?.output_shapes[tensor] ?? null;
}

/** A source layer begins with the data's own shape, every other with values that suit what comes in. */
export function firstConfig(item: ClassSchema, data: DatasetInfo | null, shape: IncomingShape = null): JsonObject {
  const catalog = useEngine.getState().catalog;
  const config = catalog ? starterConfig(item, catalog, shape) : {};
  if (!isSource(item)) return config;
  if (isText(data)) return { ...withInputShape(item, config, [1]), dtype: 'string' };
  return withInputShape(item, config, data?.input_shape ?? [28, 28, 1]);
}

interface Spot {
  after: string | null;
  into: string | null;
}

/** The edge into a finished answer: one number a class. What is added then belongs before it. */
function edgeToAnswer(doc: Doc, end: string): string | null {
  const [edge, ...more] = inEdges(doc, end);
  const classes = useData.getState().info?.labels.length ?? 0;
  const shape = shapeOf(doc, end);
  const answers = shape?.length === 2 && classes > 0 && shape[1] === classes;
  return edge && more.length === 0 && answers ? edge.id : null;
}

/** After what is selected; with nothing selected at the only open end, where there is just one. */
function spotFor(doc: Doc, selected: string | null): Spot {
  if (selected && doc.nodes[selected]) return { after: selected, into: null };
  const ends = Object.keys(doc.nodes).filter((id) => outEdges(doc, id).length === 0);
  const [end] = ends;
  if (end === undefined || ends.length > 1) return { after: null, into: null };
  return { after: end, into: edgeToAnswer(doc, end) };
}

const sameShape = (a: IncomingShape, b: IncomingShape): boolean =>
  a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);

/** Further inputs of a layer that needs several: what came before, where it has the same shape (a shortcut), else the same again. */
function partners(doc: Doc, item: ClassSchema, source: string | undefined): string[] {
  const missing = Math.max(0, (item.inputs?.min ?? 1) - 1);
  if (source === undefined || missing === 0) return [];
  const before = inEdges(doc, source)[0]?.source;
  const shortcut = item.family === 'merging' && sameShape(shapeOf(doc, before), shapeOf(doc, source));
  return Array.from({ length: missing }, () => (shortcut && before !== undefined ? before : source));
}

function added(doc: Doc, item: ClassSchema, { after, into }: Spot, at?: { x: number; y: number }) {
  const edge = into === null ? undefined : doc.edges[into];
  const source = edge?.source ?? after ?? undefined;
  const catalog = useEngine.getState().catalog;
  const from = { source: source ?? '', tensor: 0, ...edge };
  const shape = shapeOf(doc, source, tensorOf(doc, from, plainBy(catalog)));
  const first = firstConfig(item, useData.getState().info, shape);
  const given = givenEntries(doc, from.source, plainBy(catalog)).length > 0;
  const config = given ? readingBoxes(item, first, layerOf(doc, from.source)?.config) : first;
  const followed = edge !== undefined || (after !== null && outEdges(doc, after).length === 1);
  return addLayer(doc, {
    item,
    config: followed ? keepingSequences(item, config) : config,
    after,
    into,
    also: partners(doc, item, source),
    takesDictionary: dictionaryOf(catalog, { className: item.class_name, config }) !== null,
    ...(at ? { at } : {}),
  });
}

function add(item: ClassSchema, spot: Spot, at?: { x: number; y: number }): void {
  const { command, node } = added(currentDoc(), item, spot, at);
  performCommand(command);
  select([node]);
}

/** So many places are tried before the layer is put where it would go anyway. */
const mostTried = 16;

/** The edges on the way to an end, the last first: what prepares data stands after the input, everything else near the answer. */
function edgesTo(doc: Doc, end: string, item: ClassSchema): Edge[] {
  const edges: Edge[] = [];
  for (let edge = inEdges(doc, end)[0]; edge !== undefined && edges.length < 200; edge = inEdges(doc, edge.source)[0])
    edges.push(edge);
  if (item.family === 'preprocessing') edges.reverse();
  return edges.slice(0, mostTried);
}

/** The first place in which the network stays whole; null where there is none, or the network is not whole now. */
async function wholePlace(doc: Doc, item: ClassSchema, spot: Spot): Promise<Spot | null> {
  const end = spot.into === null ? null : doc.edges[spot.into]?.target;
  if (!end || !useEngine.getState().diagnosis?.ok) return null;
  for (const edge of edgesTo(doc, end, item)) {
    const place = { after: null, into: edge.id };
    if (await isValid(apply(doc, added(doc, item, place).command)).catch(() => false)) return place;
  }
  return null;
}

/** After what is selected. With nothing selected the layer goes where the network stays whole, which the engine is asked about. */
export async function addFromPalette(item: ClassSchema): Promise<void> {
  const doc = currentDoc();
  if (isSource(item)) {
    add(item, { after: null, into: null });
    return;
  }
  const spot = spotFor(doc, useUi.getState().current);
  const place = spot.into === null ? null : await wholePlace(doc, item, spot);
  if (currentDoc() === doc) add(item, place ?? spot);
  else await addFromPalette(item);
}

/** `point` is where the layer's centre shall be, in canvas units. */
export function addByDrop(className: string, point: { x: number; y: number }): void {
  const item = useEngine.getState().catalog?.layers.get(className);
  if (!item) return;
  const edge = isSource(item) ? null : edgeAt(currentDoc(), point);
  const at = { x: Math.round(point.x - nodeSize.width / 2), y: Math.round(point.y - nodeSize.height / 2) };
  add(item, { after: null, into: edge?.id ?? null }, at);
}
