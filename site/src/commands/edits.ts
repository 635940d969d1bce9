/** The edits of a graph, each a function from a document to the command that makes it (or the reason why not). */
import type { ClassSchema, Json, JsonObject } from '@trainyard/types';
import { isSource } from '../graph/catalog';
import { noPlain, type PlainOf } from '../graph/dictionary';
import { arranged } from '../graph/keras';
import { freshId, layerNames, nameProblem, snakeCase, uniqueName } from '../graph/names';
import { freePlace } from '../graph/layout';
import { descendants } from '../graph/topology';
import {
  inEdges,
  nodeGap,
  nodeName,
  nodeSize,
  outEdges,
  type Doc,
  type GraphNode,
  type Layer,
  type Setting,
} from '../graph/types';
import { diff, type Command } from './patch';
import { bridged, fromOf, roleOf, withEdge, withoutEdges, type Edit } from './wires';
import { withOperationArg, type OperationArg } from '../graph/operationArgs';

type Point = { x: number; y: number };

const stepY = nodeSize.height + nodeGap.y;
const innerOutputs = 'model.inner_outputs';

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
  /** It takes a dictionary, and so goes on with that of the node before it. */
  takesDictionary?: boolean;
  at?: Point;
}

function placeOf(doc: Doc, request: NewLayer, after: GraphNode | undefined): Point {
  if (request.at && !request.into) return request.at;
  if (after) return { x: after.x, y: after.y + stepY };
  const [top] = isSource(request.item) ? Object.values(doc.nodes).sort((a, b) => a.y - b.y) : [];
  if (top) return freePlace(doc, { x: top.x, y: top.y });
  const bottom = Math.max(0, ...Object.values(doc.nodes).map((node) => node.y + stepY));
  return Object.keys(doc.nodes).length === 0 ? { x: 0, y: 0 } : freePlace(doc, { x: 0, y: bottom });
}

/** The node hands on a dictionary, of which no entry leads to two places: a further layer takes it as a whole. */
function handsOn(doc: Doc, node: string): boolean {
  const followed = outEdges(doc, node).map((edge) => edge.output);
  return inEdges(doc, node).some((edge) => edge.entry !== undefined) && new Set(followed).size === followed.length;
}

/** Puts a new node after another one, which hands it every entry of its dictionary; what followed, and what the model answers with, follows. */
function withDictionary(doc: Doc, after: string, node: string): Doc {
  const out = outEdges(doc, after);
  let next = withoutEdges(doc, new Set(out.map((edge) => edge.id)));
  for (const edge of out) next = withEdge(next, { ...edge, source: node });
  inEdges(doc, after).forEach(({ entry }, order) => {
    const output = entry === undefined ? { tensor: 0 } : { tensor: 0, output: entry };
    next = withEdge(next, { source: after, ...output, target: node, order, ...roleOf({ entry }) });
  });
  const moved = (end: Json): Json =>
    typeof end === 'string' && end.startsWith(`${after}:`) ? node + end.slice(after.length) : end;
  const settings = { ...next.settings };
  for (const id of [innerOutputs, 'model.outputs']) {
    const value = settings[id]?.value;
    if (Array.isArray(value)) settings[id] = { id, value: value.map(moved) };
  }
  return { ...next, settings };
}

/** Adds a layer; answers the command and the new node's id. */
export function addLayer(doc: Doc, request: NewLayer): { command: Command; node: string } {
  const id = freshId('n', doc.nodes);
  const name = uniqueName(layerNames(doc), snakeCase(request.item.class_name));
  const layer: Layer = { id, className: request.item.class_name, name, config: request.config, extra: {} };
  const takesInput = !isSource(request.item);
  const edge = request.into ? doc.edges[request.into] : undefined;
  const after = takesInput ? doc.nodes[edge?.source ?? request.after ?? ''] : undefined;
  const follow = edge ? [edge] : after ? outEdges(doc, after.id).filter(({ output }) => output === undefined) : [];
  const splice = follow.length === 1 ? follow[0] : undefined;
  const whole = after !== undefined && request.takesDictionary === true && handsOn(doc, after.id);
  const spot = placeOf(doc, request, after);
  const at = splice || whole || !after || request.at ? spot : freePlace(doc, spot);
  let next: Doc = {
    ...doc,
    layers: { ...doc.layers, [id]: layer },
    nodes: { ...doc.nodes, [id]: { id, layer: id, ...at, form: 'auto', kwargs: {} } },
  };
  if (after && whole) {
    next = pushDown(withDictionary(next, after.id, id), id, at.y + stepY);
  } else if (after && splice) {
    next = withoutEdges(next, new Set([splice.id]));
    next = withEdge(next, { source: after.id, ...fromOf(splice), target: id, order: 0 });
    next = withEdge(next, { source: id, tensor: 0, target: splice.target, order: splice.order, ...roleOf(splice) });
    next = pushDown(next, id, at.y + stepY);
  } else if (after) {
    next = withEdge(next, { source: after.id, tensor: 0, target: id, order: 0 });
  }
  if (after)
    request.also?.forEach(
      (source, index) => (next = withEdge(next, { source, tensor: 0, target: id, order: index + 1 })),
    );
  return { command: diff(doc, next, `Added ${name}`), node: id };
}

/** Which of a node's outputs the model answers with, by number or by entry; none: those that it answers with where nothing is said. */
export function setAnswers(doc: Doc, nodeId: string, outputs: readonly string[]): Command {
  const value = doc.settings[innerOutputs]?.value;
  const others = (Array.isArray(value) ? value : []).filter(
    (entry) => typeof entry !== 'string' || entry.slice(0, entry.lastIndexOf(':')) !== nodeId,
  );
  const label = `Changed which outputs of ${nodeName(doc, nodeId)} the network answers with`;
  return setSetting(doc, innerOutputs, [...others, ...outputs.map((output) => `${nodeId}:${output}`)], label);
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
    next = bridged(next, id);
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
    if (source && target) next = withEdge(next, { ...edge, source, target });
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

export function arrange(doc: Doc, plainOf: PlainOf = noPlain): Command {
  const next = arranged(doc, plainOf);
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

/** The same for an operation, whose arguments stand in several places. */
export function setOperationArg(doc: Doc, layerId: string, arg: OperationArg, value: Json): Command {
  const layer = doc.layers[layerId];
  if (!layer) return { label: '', patches: [] };
  const after = withOperationArg(layer, arg.place, value);
  const { name } = arg.arg;
  const label = `Changed ${name} of ${layer.name}`;
  return diff(doc, { ...doc, layers: { ...doc.layers, [layerId]: after } }, label, `arg:${layerId}:${name}`);
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
