/**
 * The drawn graph <-> Keras 3's Functional JSON. Pure; the engine's `normalize` turns every older or other form into this one.
 * Format: `Functional.get_config` of Keras 3: a tensor is
 * `{class_name: "__keras_tensor__", config: {shape, dtype, keras_history: [layer, call, tensor]}}`, a dictionary of tensors an object of
 * them. Where a call is given a dictionary, its tensors have names in the drawing instead of numbers (dictionary.ts).
 */
import type { Json, JsonObject, KerasModelJson } from '@trainyard/types';
import {
  callsOf,
  emptyDoc,
  inEdges,
  type CallForm,
  type Doc,
  type Edge,
  type GraphNode,
  type Layer,
  type Setting,
} from './types';
import { byEntry, givenEntries, noPlain, tensorOf, type PlainOf } from './dictionary';
import { callIndex, keyOf, terminals, terminalTensor, type Terminal } from './ends';
import { topologicalOrder } from './topology';
import { layout } from './layout';
import { isObject } from './json';

export type Shape = (number | null)[];
type History = [layer: string, call: number, tensor: number];

export interface WriteOptions {
  name?: string;
  /** Output shapes of a node where they are known, with the batch. */
  shapeOf?: (nodeId: string, tensor: number) => Shape | null;
  /** Layers that take dictionaries; none where it is not known. */
  plainOf?: PlainOf;
}

const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const asText = (value: Json | undefined, fallback: string): string => (typeof value === 'string' ? value : fallback);

// ---------------------------------------------------------------- writing

function tensorJson(doc: Doc, nodeId: string, tensor: number, options: WriteOptions): Json {
  const node = doc.nodes[nodeId];
  const layer = node && doc.layers[node.layer];
  const history: History = [layer?.name ?? nodeId, node ? callIndex(doc, node) : 0, tensor];
  const shape = options.shapeOf?.(nodeId, tensor) ?? null;
  return { class_name: '__keras_tensor__', config: { shape, dtype: 'float32', keras_history: history } };
}

/** Sets `dictionary["bounding_boxes"]["boxes"]` for "bounding_boxes.boxes". */
function setEntry(dictionary: JsonObject, name: string, value: Json): void {
  const [key = '', ...inner] = name.split('.');
  if (inner.length === 0) {
    dictionary[key] = value;
    return;
  }
  const within = dictionary[key];
  const inside: JsonObject = isObject(within) ? within : {};
  dictionary[key] = inside;
  setEntry(inside, inner.join('.'), value);
}

/** The one argument of Keras's calls that is a list of tensors even where there is only one. */
const listKeyword = 'initial_state';

function callJson(doc: Doc, node: GraphNode, options: WriteOptions): Json {
  const edges = inEdges(doc, node.id);
  const plainOf = options.plainOf ?? noPlain;
  const json = (edge: Edge) => tensorJson(doc, edge.source, tensorOf(doc, edge, plainOf), options);
  const layer = doc.layers[node.layer];
  const plain = layer && givenEntries(doc, node.id, plainOf).length > 0 ? plainOf(layer) : undefined;
  const dictionary: JsonObject = {};
  const tensors: Json[] = [];
  for (const edge of edges) {
    const entry = edge.keyword === undefined ? (edge.entry ?? plain) : undefined;
    if (entry !== undefined) setEntry(dictionary, entry, json(edge));
    else if (edge.keyword === undefined) tensors.push(json(edge));
  }
  const list = node.form === 'list' || (node.form === 'auto' && tensors.length > 1);
  const kwargs: JsonObject = { ...node.kwargs };
  for (const name of new Set(edges.flatMap((edge) => edge.keyword ?? []))) {
    const named = edges.filter((edge) => edge.keyword === name).map(json);
    kwargs[name] = named.length === 1 && name !== listKeyword ? (named[0] ?? null) : named;
  }
  const args: Json[] = list && tensors.length > 0 ? [tensors] : tensors;
  return { args: Object.keys(dictionary).length > 0 ? [...args, dictionary] : args, kwargs };
}

function layerJson(doc: Doc, layer: Layer, options: WriteOptions): JsonObject {
  const calls = callsOf(doc, layer.id).filter((node) => inEdges(doc, node.id).length > 0);
  return {
    module: 'keras.layers',
    registered_name: null,
    ...layer.extra,
    class_name: layer.className,
    config: { ...layer.config, name: layer.name },
    name: layer.name,
    id: layer.id,
    inbound_nodes: calls.map((node) => callJson(doc, node, options)),
  };
}

function historyOf(doc: Doc, terminal: Terminal, plainOf: PlainOf): Json {
  const node = doc.nodes[terminal.node];
  const layer = node && doc.layers[node.layer];
  return [layer?.name ?? terminal.node, node ? callIndex(doc, node) : 0, terminalTensor(doc, terminal, plainOf)];
}

/** `isInput` comes from the schema (layers that take no tensor), so that no layer is named here. */
export function toKeras(doc: Doc, isInput: (layer: Layer) => boolean, options: WriteOptions = {}): KerasModelJson {
  const order = topologicalOrder(doc);
  const layerIds = [...new Set(order.map((id) => doc.nodes[id]?.layer ?? ''))];
  const plainOf = options.plainOf ?? noPlain;
  const { inputs, outputs } = terminals(doc, order, isInput, plainOf);
  const history = (terminal: Terminal) => historyOf(doc, terminal, plainOf);
  const layers = layerIds.flatMap((id) => {
    const layer = doc.layers[id];
    return layer ? [layerJson(doc, layer, options)] : [];
  });
  return {
    module: 'keras',
    class_name: 'Functional',
    registered_name: 'Functional',
    config: {
      name: options.name ?? 'model',
      trainable: true,
      layers,
      input_layers: inputs.map(history),
      output_layers: outputs.map(history),
    },
  };
}

// ---------------------------------------------------------------- reading

export class ModelFormatError extends Error {}

interface ReadTensor {
  history: History;
  keyword?: string;
  entry?: string;
}

interface ReadCall {
  tensors: ReadTensor[];
  form: CallForm;
  kwargs: JsonObject;
}

function readHistory(value: Json | undefined): History | null {
  if (!isObject(value) || value['class_name'] !== '__keras_tensor__' || !isObject(value['config'])) return null;
  const [layer, call, tensor] = asList(value['config']['keras_history']);
  return typeof layer === 'string' ? [layer, Number(call ?? 0), Number(tensor ?? 0)] : null;
}

/** The tensors of a dictionary, and of those within it, by name. */
function readDictionary(dictionary: JsonObject, where: string, prefix = ''): ReadTensor[] {
  return Object.entries(dictionary).flatMap(([key, value]): ReadTensor[] => {
    const history = readHistory(value);
    if (history) return [{ history, entry: `${prefix}${key}` }];
    if (isObject(value)) return readDictionary(value, where, `${prefix}${key}.`);
    if (value === null) return [];
    throw new ModelFormatError(`${where}: only tensors can be drawn as entries of a dictionary.`);
  });
}

const isDictionary = (value: Json): value is JsonObject => isObject(value) && !('class_name' in value);

function readCall(value: Json, where: string): ReadCall {
  if (!isObject(value))
    throw new ModelFormatError(`${where}: not a Keras 3 call; expected an object with args and kwargs.`);
  const args = asList(value['args']);
  const list = args.length === 1 && Array.isArray(args[0]);
  // A list after a tensor holds states; one after the other they mean the same.
  const entries = args.flatMap((entry) => (Array.isArray(entry) ? entry : [entry]));
  const tensors = entries.flatMap((entry): ReadTensor[] => {
    if (isDictionary(entry)) return readDictionary(entry, where);
    const history = readHistory(entry);
    if (!history) throw new ModelFormatError(`${where}: only tensors can be drawn as inputs of a call.`);
    return [{ history }];
  });
  const form: CallForm = list ? 'list' : entries.length > 1 ? 'positional' : 'auto';
  const kwargs: JsonObject = {};
  for (const [keyword, given] of Object.entries(isObject(value['kwargs']) ? value['kwargs'] : {})) {
    const named = (Array.isArray(given) ? given : [given]).map(readHistory);
    const histories = named.filter((history) => history !== null);
    if (histories.length === 0 || histories.length < named.length) kwargs[keyword] = given;
    else tensors.push(...histories.map((history) => ({ history, keyword })));
  }
  return { tensors, form, kwargs };
}

function readLayer(entry: Json, index: number, taken: Record<string, Layer>): { layer: Layer; inbound: Json[] } {
  const where = `layers[${index}]`;
  if (!isObject(entry)) throw new ModelFormatError(`${where}: not an object.`);
  const { class_name, config, name, id, inbound_nodes, ...extra } = entry;
  if (typeof class_name !== 'string') throw new ModelFormatError(`${where}: has no class_name.`);
  const { name: configName, ...rest } = isObject(config) ? config : {};
  const layerName = asText(name, asText(configName, `layer_${index}`));
  const wish = asText(id, layerName);
  const layer: Layer = {
    id: wish in taken ? `${wish}#${index}` : wish,
    className: class_name,
    name: layerName,
    config: rest,
    extra,
  };
  return { layer, inbound: asList(inbound_nodes) };
}

/** A remembered order of terminals: `[["name", 0, 0], ...]`, or one such entry alone. */
function readTerminals(value: Json | undefined): History[] {
  const entries = asList(value);
  const list = typeof entries[0] === 'string' ? [entries] : entries;
  return list.flatMap((entry) => {
    const [layer, call, tensor] = asList(entry);
    return typeof layer === 'string' ? [[layer, Number(call ?? 0), Number(tensor ?? 0)] as History] : [];
  });
}

/** Reads the engine's canonical form. Positions come from the automatic layout; settings other than the model's are left to the caller. */
export function fromKeras(model: KerasModelJson): Doc {
  const config = model['config'];
  if (!isObject(config) || !Array.isArray(config['layers']))
    throw new ModelFormatError('This JSON holds no Keras model: config.layers is missing.');
  const layers: Record<string, Layer> = {};
  const nodes: Record<string, GraphNode> = {};
  const calls = new Map<string, ReadCall>();
  const idByName = new Map<string, string>();
  config['layers'].forEach((entry, index) => {
    const { layer, inbound } = readLayer(entry, index, layers);
    layers[layer.id] = layer;
    idByName.set(layer.name, layer.id);
    const read = inbound.map((call, k) => readCall(call, `layers[${index}].inbound_nodes[${k}]`));
    const list = read.length > 0 ? read : [{ tensors: [], form: 'auto' as const, kwargs: {} }];
    list.forEach((call, k) => {
      const id = k === 0 ? layer.id : `${layer.id}@${k}`;
      nodes[id] = { id, layer: layer.id, x: 0, y: 0, form: call.form, kwargs: call.kwargs };
      calls.set(id, call);
    });
  });
  const nodeOf = ([name, call]: History): string => {
    const layerId = idByName.get(name) ?? '';
    const id = call === 0 ? layerId : `${layerId}@${call}`;
    if (!nodes[id])
      throw new ModelFormatError(`An input refers to call ${call} of “${name}”, which is not in the model.`);
    return id;
  };
  const edges: Record<string, Edge> = {};
  /** The entries of the dictionary that a node is called with, in the order of its outputs. */
  const entriesOf = (node: string): string[] =>
    (calls.get(node)?.tensors ?? []).flatMap(({ entry }) => entry ?? []).sort(byEntry);
  const fromOutput = (source: string, tensor: number) => {
    const output = entriesOf(source)[tensor];
    return output === undefined ? { tensor } : { tensor: 0, output };
  };
  for (const [target, call] of calls) {
    call.tensors.forEach(({ history, keyword, entry }, order) => {
      const id = `${target}<${order}`;
      const source = nodeOf(history);
      const named = { ...(keyword === undefined ? {} : { keyword }), ...(entry === undefined ? {} : { entry }) };
      edges[id] = { id, source, ...fromOutput(source, history[2]), target, order, ...named };
    });
  }
  const terminal = (history: History) => keyOf({ node: nodeOf(history), ...fromOutput(nodeOf(history), history[2]) });
  const outputs = readTerminals(config['output_layers']);
  const followed = new Set(Object.values(edges).map((edge) => edge.source));
  const isWhole = (node: string): boolean => {
    const named = outputs.filter((history) => nodeOf(history) === node);
    return (
      named.length === Math.max(1, entriesOf(node).length) && named.every(([, , tensor], index) => tensor === index)
    );
  };
  const inner = outputs.filter((history) => followed.has(nodeOf(history)) || !isWhole(nodeOf(history)));
  const settings: Record<string, Setting> = {
    'model.name': { id: 'model.name', value: asText(config['name'], 'model') },
    'model.inputs': { id: 'model.inputs', value: readTerminals(config['input_layers']).map(terminal) },
    'model.outputs': { id: 'model.outputs', value: outputs.map(terminal) },
    'model.inner_outputs': { id: 'model.inner_outputs', value: inner.map(terminal) },
  };
  return arranged({ ...emptyDoc, layers, nodes, edges, settings });
}

/** The same graph with every node where the automatic layout puts it. */
export function arranged(doc: Doc, plainOf: PlainOf = noPlain): Doc {
  const places = layout(doc, plainOf);
  const nodes = Object.fromEntries(Object.values(doc.nodes).map((node) => [node.id, { ...node, ...places[node.id] }]));
  return { ...doc, nodes };
}
