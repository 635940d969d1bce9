/** The edits of a graph, each a function from a document to the command that makes it (or the reason why not). */
import type { ClassSchema, Json, JsonObject } from '@trainyard/types';
import { isSource } from '../graph/catalog';
import { arranged } from '../graph/keras';
import { freshId, layerNames, nameProblem, snakeCase, uniqueName } from '../graph/names';
import { freePlace } from '../graph/layout';
import { descendants, reaches } from '../graph/topology';
import {
  inEdges,
  nodeGap,
  nodeName,
  nodeSize,
  outEdges,
  type Doc,
  type Edge,
  type GraphNode,
  type Layer,
  type Setting,
} from '../graph/types';
import { diff, type Command } from './patch';

export interface Refusal {
  refused: string;
}
export type Edit = Command | Refusal;
export const isRefusal = (edit: Edit): edit is Refusal => 'refused' in edit;

type Point = { x: number; y: number };
export type MaxInputs = (nodeId: string) => number;

const stepY = nodeSize.height + nodeGap.y;

function withEdge(doc: Doc, source: string, target: string, order: number, tensor = 0): Doc {
  const id = freshId('e', doc.edges);
  const edge: Edge = { id, source, tensor, target, order };
  return { ...doc, edges: { ...doc.edges, [id]: edge } };
}

function withoutEdges(doc: Doc, ids: ReadonlySet<string>): Doc {
  return { ...doc, edges: Object.fromEntries(Object.entries(doc.edges).filter(([id]) => !ids.has(id))) };
}

/** Makes room below a place by moving everything downstream of a node that would be in the way. */
function pushDown(doc: Doc, from: string, atLeastY: number): Doc {
  const below = [...descendants(doc, from)];
  const top = Math.min(...below.map((id) => doc.nodes[id]?.y ?? Infinity));
  const shift = atLeastY - top;
  if (!Number.isFinite(shift) || shift <= 0) return doc;
  const nodes = { ...doc.nodes };
  for (const id of below) {
    const node = nodes[id];
    if (node) nodes[id] = { ...node, y: node.y + shift };
  }
  return { ...doc, nodes };
}

export interface NewLayer {
  item: ClassSchema;
  config: JsonObject;
  /** Put after this node, inside its edge where it has exactly one. */
  after?: string | null;
  /** Put inside this edge. */
  into?: string | null;
  /** Further nodes that lead into it, for a layer that takes several tensors. */
  also?: readonly string[];
  at?: Point;
}

function placeOf(doc: Doc, request: NewLayer, after: GraphNode | undefined): Point {
  if (request.at && !request.into) return request.at;
  if (after) return { x: after.x, y: after.y + stepY };
  const bottom = Math.max(0, ...Object.values(doc.nodes).map((node) => node.y + stepY));
  return Object.keys(doc.nodes).length === 0 ? { x: 0, y: 0 } : freePlace(doc, { x: 0, y: bottom });
}

/** Adds a layer; answers the command and the new node's id. */
export function addLayer(doc: Doc, request: NewLayer): { command: Command; node: string } {
  const id = freshId('n', doc.nodes);
  const name = uniqueName(layerNames(doc), snakeCase(request.item.class_name));
  const layer: Layer = { id, className: request.item.class_name, name, config: request.config, extra: {} };
  const takesInput = !isSource(request.item);
  const edge = request.into ? doc.edges[request.into] : undefined;
  const after = takesInput ? doc.nodes[edge?.source ?? request.after ?? ''] : undefined;
  const follow = edge ? [edge] : after ? outEdges(doc, after.id) : [];
  const splice = follow.length === 1 ? follow[0] : undefined;
  const spot = placeOf(doc, request, after);
  const at = splice || !after || request.at ? spot : freePlace(doc, spot);
  let next: Doc = {
    ...doc,
    layers: { ...doc.layers, [id]: layer },
    nodes: { ...doc.nodes, [id]: { id, layer: id, ...at, form: 'auto', kwargs: {} } },
  };
  if (after && splice) {
    next = withoutEdges(next, new Set([splice.id]));
    next = withEdge(next, after.id, id, 0, splice.tensor);
    next = withEdge(next, id, splice.target, splice.order);
    next = pushDown(next, id, at.y + stepY);
  } else if (after) {
    next = withEdge(next, after.id, id, 0);
  }
  if (after) request.also?.forEach((source, index) => (next = withEdge(next, source, id, index + 1)));
  return { command: diff(doc, next, `Added ${name}`), node: id };
}

/** Which tensor of the source, and which place among the target's inputs, counted from 0. */
export interface Ends {
  tensor?: number;
  port?: number;
}

/** Why two nodes cannot be joined, or null. The same tensor may lead to two places that mean different things. */
export function connectProblem(
  doc: Doc,
  source: string,
  target: string,
  maxInputs: MaxInputs,
  { tensor = 0, port }: Ends = {},
): string | null {
  if (source === target) return 'A layer cannot feed itself.';
  if (maxInputs(target) === 0) return `“${nodeName(doc, target)}” is where data comes in; nothing can lead into it.`;
  const same = inEdges(doc, target).findIndex((edge) => edge.source === source && edge.tensor === tensor);
  if (same >= 0 && (port === undefined || port === same)) return 'These two are connected already.';
  if (reaches(doc, target, source)) {
    return `That would make a circle: “${nodeName(doc, source)}” already depends on “${nodeName(doc, target)}”.`;
  }
  return null;
}

/** Joins two nodes. What was at the port gives way; without a port the tensor comes last, and takes the last one's place where no more fit. */
export function connect(doc: Doc, source: string, target: string, maxInputs: MaxInputs, ends: Ends = {}): Edit {
  const refused = connectProblem(doc, source, target, maxInputs, ends);
  if (refused !== null) return { refused };
  const inputs = inEdges(doc, target);
  const last = inputs[inputs.length - 1];
  const full = inputs.length >= maxInputs(target);
  const replaced = ends.port === undefined ? (full ? last : undefined) : inputs[ends.port];
  const cleared = replaced ? withoutEdges(doc, new Set([replaced.id])) : doc;
  const order = replaced ? replaced.order : (last?.order ?? -1) + 1;
  return diff(
    doc,
    withEdge(cleared, source, target, order, ends.tensor),
    `Connected ${nodeName(doc, source)} to ${nodeName(doc, target)}`,
  );
}

/** An input of a node one place further to the front. */
export function moveInputUp(doc: Doc, edgeId: string): Command {
  const edge = doc.edges[edgeId];
  const inputs = edge ? inEdges(doc, edge.target) : [];
  const index = inputs.findIndex(({ id }) => id === edgeId);
  const before = inputs[index - 1];
  if (!edge || !before) return { label: '', patches: [] };
  const edges = { ...doc.edges };
  inputs.forEach((input, order) => (edges[input.id] = { ...input, order }));
  edges[edge.id] = { ...edge, order: index - 1 };
  edges[before.id] = { ...before, order: index };
  return diff(doc, { ...doc, edges }, `Changed the order of inputs of ${nodeName(doc, edge.target)}`);
}

/** Another output of the layer that an edge comes from. */
export function chooseTensor(doc: Doc, edgeId: string, tensor: number): Command {
  const edge = doc.edges[edgeId];
  if (!edge) return { label: '', patches: [] };
  const next = { ...doc, edges: { ...doc.edges, [edgeId]: { ...edge, tensor } } };
  return diff(doc, next, `Took output ${tensor + 1} of ${nodeName(doc, edge.source)}`);
}

const innerOutputs = 'model.inner_outputs';

/** The nodes in the middle that the model answers with too, as `node:tensor`. */
export const innerOutputsOf = (doc: Doc): string[] => {
  const value = doc.settings[innerOutputs]?.value;
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
};

/** Whether the model answers with what a node in the middle gives. */
export function setInnerOutput(doc: Doc, nodeId: string, on: boolean): Command {
  const entry = `${nodeId}:0`;
  const others = innerOutputsOf(doc).filter((known) => known !== entry);
  const label = `${on ? 'Made' : 'No longer made'} ${nodeName(doc, nodeId)} an output`;
  return setSetting(doc, innerOutputs, on ? [...others, entry] : others, label);
}

/** Constant arguments of a layer's call, such as a causal mask. */
export function setCallArguments(doc: Doc, nodeId: string, kwargs: JsonObject): Command {
  const node = doc.nodes[nodeId];
  if (!node) return { label: '', patches: [] };
  const next = { ...doc, nodes: { ...doc.nodes, [nodeId]: { ...node, kwargs } } };
  return diff(doc, next, `Changed the call of ${nodeName(doc, nodeId)}`, `call:${nodeId}`);
}

/** Deletes nodes and edges; a chain is closed where the node had one way in and one way out. */
export function remove(doc: Doc, nodeIds: readonly string[], edgeIds: readonly string[] = []): Command {
  let next = withoutEdges(doc, new Set(edgeIds));
  for (const id of nodeIds) {
    if (!next.nodes[id]) continue;
    const [into, ...moreIn] = inEdges(next, id);
    const out = outEdges(next, id);
    const touching = new Set([...inEdges(next, id), ...out].map((edge) => edge.id));
    next = withoutEdges(next, touching);
    if (into && moreIn.every((edge) => edge.source === into.source) && out.length === 1) {
      for (const edge of out) {
        const twice = outEdges(next, into.source).some((other) => other.target === edge.target);
        if (!twice) next = withEdge(next, into.source, edge.target, edge.order, into.tensor);
      }
    }
    const { [id]: gone, ...nodes } = next.nodes;
    next = { ...next, nodes };
    if (gone && !Object.values(nodes).some((node) => node.layer === gone.layer)) {
      next = { ...next, layers: Object.fromEntries(Object.entries(next.layers).filter(([key]) => key !== gone.layer)) };
    }
  }
  const [only] = nodeIds;
  const what =
    nodeIds.length === 1 && only ? nodeName(doc, only) : nodeIds.length > 1 ? `${nodeIds.length} layers` : 'connection';
  return diff(doc, next, `Deleted ${what}`);
}

/** Copies nodes, with the edges among them. */
export function duplicate(doc: Doc, nodeIds: readonly string[]): { command: Command; nodes: string[] } {
  let next = doc;
  const copies = new Map<string, string>();
  for (const from of nodeIds) {
    const node = doc.nodes[from];
    const layer = node && doc.layers[node.layer];
    if (!layer) continue;
    const id = freshId('n', next.nodes);
    const name = uniqueName(layerNames(next), layer.name);
    const at = freePlace(next, { x: node.x + nodeSize.width + nodeGap.x, y: node.y });
    copies.set(from, id);
    next = {
      ...next,
      layers: { ...next.layers, [id]: { ...layer, id, name } },
      nodes: { ...next.nodes, [id]: { ...node, id, layer: id, ...at } },
    };
  }
  for (const edge of Object.values(doc.edges)) {
    const source = copies.get(edge.source);
    const target = copies.get(edge.target);
    if (source && target) next = withEdge(next, source, target, edge.order, edge.tensor);
  }
  const [only] = nodeIds;
  const what = nodeIds.length === 1 && only ? nodeName(doc, only) : `${nodeIds.length} layers`;
  return { command: diff(doc, next, `Duplicated ${what}`), nodes: [...copies.values()] };
}

export function move(doc: Doc, places: Readonly<Record<string, Point>>): Command {
  const nodes = { ...doc.nodes };
  for (const [id, place] of Object.entries(places)) {
    const node = nodes[id];
    if (node && (node.x !== place.x || node.y !== place.y)) nodes[id] = { ...node, ...place };
  }
  return diff(doc, { ...doc, nodes }, 'Moved layers');
}

export function arrange(doc: Doc): Command {
  const next = arranged(doc);
  const places = Object.fromEntries(Object.values(next.nodes).map((node) => [node.id, { x: node.x, y: node.y }]));
  return { ...move(doc, places), label: 'Arranged the layers' };
}

export function setArgument(doc: Doc, layerId: string, arg: string, value: Json): Command {
  const layer = doc.layers[layerId];
  if (!layer) return { label: '', patches: [] };
  const after = { ...layer, config: { ...layer.config, [arg]: value } };
  const label = `Changed ${arg} of ${layer.name}`;
  return diff(doc, { ...doc, layers: { ...doc.layers, [layerId]: after } }, label, `arg:${layerId}:${arg}`);
}

export function rename(doc: Doc, layerId: string, name: string): Edit {
  const layer = doc.layers[layerId];
  const refused = nameProblem(doc, layerId, name);
  if (!layer || refused !== null) return { refused: refused ?? 'There is no such layer.' };
  const next = { ...doc, layers: { ...doc.layers, [layerId]: { ...layer, name } } };
  return diff(doc, next, `Renamed ${layer.name} to ${name}`, `name:${layerId}`);
}

export function setSetting(doc: Doc, id: string, value: Json, label: string): Command {
  return diff(doc, { ...doc, settings: { ...doc.settings, [id]: { id, value } } }, label, `setting:${id}`);
}

/** Another model in place of this one; training and data settings stay. */
export function replaceModel(doc: Doc, model: Doc, label: string): Command {
  const kept = Object.fromEntries(Object.entries(doc.settings).filter(([id]) => !id.startsWith('model.')));
  return diff(doc, { ...model, settings: { ...kept, ...model.settings } }, label);
}

/** The settings whose ids begin so give way to these. */
export function replaceSettings(doc: Doc, prefix: string, values: Readonly<Record<string, Json>>): Doc {
  const kept = Object.entries(doc.settings).filter(([id]) => !id.startsWith(prefix));
  const added = Object.entries(values).map(([id, value]): [string, Setting] => [id, { id, value }]);
  return { ...doc, settings: Object.fromEntries([...kept, ...added]) };
}
