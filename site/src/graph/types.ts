/** The project as immutable data. A layer (owns weights) is not its call (a node): a shared layer has several nodes. */
import type { Json, JsonObject } from '@trainyard/types';

export interface Layer {
  readonly id: string;
  readonly className: string;
  readonly name: string;
  /** Keras's arguments without `name`; an absent one has the schema's default. */
  readonly config: JsonObject;
  /** Keys of the layer's JSON entry that the page does not edit (`module`, `registered_name`, ...), kept as they came. */
  readonly extra: JsonObject;
}

/** How the tensors of a call stand in Keras's `args`: one tensor, one list, or one argument each. */
export type CallForm = 'auto' | 'list' | 'positional';

export interface GraphNode {
  readonly id: string;
  readonly layer: string;
  readonly x: number;
  readonly y: number;
  readonly form: CallForm;
  /** Constant keyword arguments of the call, kept as they came. */
  readonly kwargs: JsonObject;
}

/** One of a node's outputs. */
export interface From {
  /** Which of the node's tensors. */
  readonly tensor: number;
  /** Instead of `tensor`, where the node is called with a dictionary: the entry whose output it is. */
  readonly output?: string;
}

export interface Edge extends From {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Place among the target's inputs; gaps are closed when the model is written. */
  readonly order: number;
  /** The argument of the call that the tensor is, where it was given by name. */
  readonly keyword?: string;
  /** The entry of the dictionary that the call is given; that of the pictures has no name (dictionary.ts). */
  readonly entry?: string;
}

/** Everything else that is saved with the project: name, training options, data choice; one entry a key. */
export interface Setting {
  readonly id: string;
  readonly value: Json;
}

export interface Doc {
  readonly layers: Readonly<Record<string, Layer>>;
  readonly nodes: Readonly<Record<string, GraphNode>>;
  readonly edges: Readonly<Record<string, Edge>>;
  readonly settings: Readonly<Record<string, Setting>>;
}

export const emptyDoc: Doc = { layers: {}, nodes: {}, edges: {}, settings: {} };

/** Node box on the canvas in canvas units; the node's style sheet uses the same figures through tokens. */
export const nodeSize = { width: 260, height: 62 } as const;
export const nodeGap = { x: 40, y: 38 } as const;

export function nodeName(doc: Doc, nodeId: string): string {
  const node = doc.nodes[nodeId];
  return (node && doc.layers[node.layer]?.name) ?? nodeId;
}

export function layerOf(doc: Doc, nodeId: string): Layer | undefined {
  const node = doc.nodes[nodeId];
  return node && doc.layers[node.layer];
}

export function inEdges(doc: Doc, nodeId: string): Edge[] {
  return Object.values(doc.edges)
    .filter((edge) => edge.target === nodeId)
    .sort((a, b) => a.order - b.order || a.id.localeCompare(b.id));
}

export function outEdges(doc: Doc, nodeId: string): Edge[] {
  return Object.values(doc.edges).filter((edge) => edge.source === nodeId);
}

/** The calls of a layer, first call first. */
export function callsOf(doc: Doc, layerId: string): GraphNode[] {
  return Object.values(doc.nodes).filter((node) => node.layer === layerId);
}
