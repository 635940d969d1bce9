/**
 * The drawn graph <-> Keras 3's Functional JSON. Pure; the engine's `normalize` turns every older or other form into this one.
 * Format: `Functional.get_config` of Keras 3: a tensor is
 * `{class_name: "__keras_tensor__", config: {shape, dtype, keras_history: [layer, call, tensor]}}`.
 */
import type { Json, JsonObject, KerasModelJson } from '@trainyard/types';
import {
  callsOf,
  emptyDoc,
  inEdges,
  nodeName,
  type CallForm,
  type Doc,
  type Edge,
  type GraphNode,
  type Layer,
  type Setting,
} from './types';
import { topologicalOrder } from './topology';
import { layout } from './layout';

export type Shape = (number | null)[];
type History = [layer: string, call: number, tensor: number];

export interface WriteOptions {
  name?: string;
  /** Output shapes of a node where they are known, with the batch. */
  shapeOf?: (nodeId: string, tensor: number) => Shape | null;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const asText = (value: Json | undefined, fallback: string): string => (typeof value === 'string' ? value : fallback);

// ---------------------------------------------------------------- writing

/** Which call of its layer a node is. */
function callIndex(doc: Doc, node: GraphNode): number {
  return callsOf(doc, node.layer).findIndex((call) => call.id === node.id);
}

function tensorJson(doc: Doc, nodeId: string, tensor: number, options: WriteOptions): Json {
  const node = doc.nodes[nodeId];
  const layer = node && doc.layers[node.layer];
  const history: History = [layer?.name ?? nodeId, node ? callIndex(doc, node) : 0, tensor];
  const shape = options.shapeOf?.(nodeId, tensor) ?? null;
  return { class_name: '__keras_tensor__', config: { shape, dtype: 'float32', keras_history: history } };
}

/** The one argument of Keras's calls that is a list of tensors even where there is only one. */
const listKeyword = 'initial_state';

function callJson(doc: Doc, node: GraphNode, options: WriteOptions): Json {
  const edges = inEdges(doc, node.id);
  const json = (edge: Edge) => tensorJson(doc, edge.source, edge.tensor, options);
  const tensors = edges.filter((edge) => edge.keyword === undefined).map(json);
  const list = node.form === 'list' || (node.form === 'auto' && tensors.length > 1);
  const kwargs: JsonObject = { ...node.kwargs };
  for (const name of new Set(edges.flatMap((edge) => edge.keyword ?? []))) {
    const named = edges.filter((edge) => edge.keyword === name).map(json);
    kwargs[name] = named.length === 1 && name !== listKeyword ? (named[0] ?? null) : named;
  }
  return { args: list ? [tensors] : tensors, kwargs };
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

interface Terminal {
  node: string;
  tensor: number;
}

/** Terminals in the order the project remembers, then those drawn since. */
function ordered(found: Terminal[], remembered: Json | undefined): Terminal[] {
  const key = (terminal: Terminal) => `${terminal.node}:${terminal.tensor}`;
  const wanted = asList(remembered).map((entry) => asText(entry, ''));
  const place = (terminal: Terminal) => {
    const index = wanted.indexOf(key(terminal));
    return index < 0 ? wanted.length : index;
  };
  return [...found].sort((a, b) => place(a) - place(b));
}

function parseTerminal(entry: Json): Terminal {
  const text = asText(entry, ':0');
  const cut = text.lastIndexOf(':');
  return { node: text.slice(0, cut), tensor: Number(text.slice(cut + 1)) };
}

/** Inputs: nodes whose layer takes nothing. Outputs: nodes nothing follows, and those in the middle that an opened model named. */
function terminals(
  doc: Doc,
  order: string[],
  isInput: (layer: Layer) => boolean,
): { inputs: Terminal[]; outputs: Terminal[] } {
  const inputs: Terminal[] = [];
  const outputs: Terminal[] = [];
  const followed = new Set(Object.values(doc.edges).map((edge) => edge.source));
  for (const id of order) {
    const node = doc.nodes[id];
    const layer = node && doc.layers[node.layer];
    if (!layer) continue;
    if (isInput(layer)) inputs.push({ node: id, tensor: 0 });
    if (!followed.has(id)) outputs.push({ node: id, tensor: 0 });
  }
  for (const entry of asList(doc.settings['model.inner_outputs']?.value).map(parseTerminal)) {
    const known = outputs.some((output) => output.node === entry.node && output.tensor === entry.tensor);
    if (!known && doc.nodes[entry.node]) outputs.push(entry);
  }
  return {
    inputs: ordered(inputs, doc.settings['model.inputs']?.value),
    outputs: ordered(outputs, doc.settings['model.outputs']?.value),
  };
}

/** The layers whose tensors the model answers with, in order; a layer with two outputs stands there twice. */
export function outputNames(doc: Doc, isInput: (layer: Layer) => boolean): string[] {
  return terminals(doc, topologicalOrder(doc), isInput).outputs.map(({ node }) => nodeName(doc, node));
}

const historyOf = (doc: Doc, terminal: Terminal): Json => {
  const node = doc.nodes[terminal.node];
  const layer = node && doc.layers[node.layer];
  return [layer?.name ?? terminal.node, node ? callIndex(doc, node) : 0, terminal.tensor];
};

/** `isInput` comes from the schema (layers that take no tensor), so that no layer is named here. */
export function toKeras(doc: Doc, isInput: (layer: Layer) => boolean, options: WriteOptions = {}): KerasModelJson {
  const order = topologicalOrder(doc);
  const layerIds = [...new Set(order.map((id) => doc.nodes[id]?.layer ?? ''))];
  const { inputs, outputs } = terminals(doc, order, isInput);
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
      input_layers: inputs.map((terminal) => historyOf(doc, terminal)),
      output_layers: outputs.map((terminal) => historyOf(doc, terminal)),
    },
  };
}

// ---------------------------------------------------------------- reading

export class ModelFormatError extends Error {}

interface ReadTensor {
  history: History;
  keyword?: string;
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

function readCall(value: Json, where: string): ReadCall {
  if (!isObject(value))
    throw new ModelFormatError(`${where}: not a Keras 3 call; expected an object with args and kwargs.`);
  const args = asList(value['args']);
  const list = args.length === 1 && Array.isArray(args[0]);
  // A list after a tensor holds states; one after the other they mean the same.
  const entries = args.flatMap((entry) => (Array.isArray(entry) ? entry : [entry]));
  const found = entries.map(readHistory).filter((history) => history !== null);
  const tensors: ReadTensor[] = found.map((history) => ({ history }));
  if (tensors.length !== entries.length)
    throw new ModelFormatError(`${where}: only tensors can be drawn as inputs of a call.`);
  const form: CallForm = list ? 'list' : tensors.length > 1 ? 'positional' : 'auto';
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
  for (const [target, call] of calls) {
    call.tensors.forEach(({ history, keyword }, order) => {
      const id = `${target}<${order}`;
      const edge: Edge = { id, source: nodeOf(history), tensor: history[2], target, order };
      edges[id] = keyword === undefined ? edge : { ...edge, keyword };
    });
  }
  const terminal = (history: History) => `${nodeOf(history)}:${history[2]}`;
  const outputs = readTerminals(config['output_layers']);
  const followed = new Set(Object.values(edges).map((edge) => edge.source));
  const inner = outputs.filter((history) => history[2] !== 0 || followed.has(nodeOf(history)));
  const settings: Record<string, Setting> = {
    'model.name': { id: 'model.name', value: asText(config['name'], 'model') },
    'model.inputs': { id: 'model.inputs', value: readTerminals(config['input_layers']).map(terminal) },
    'model.outputs': { id: 'model.outputs', value: outputs.map(terminal) },
    'model.inner_outputs': { id: 'model.inner_outputs', value: inner.map(terminal) },
  };
  return arranged({ ...emptyDoc, layers, nodes, edges, settings });
}

/** The same graph with every node where the automatic layout puts it. */
export function arranged(doc: Doc): Doc {
  const places = layout(doc);
  const nodes = Object.fromEntries(Object.values(doc.nodes).map((node) => [node.id, { ...node, ...places[node.id] }]));
  return { ...doc, nodes };
}
