/** The ends of a model: which nodes take what it is given, and which tensors it answers with. */
import type { Json } from '@trainyard/types';
import { givenEntries, noPlain, tensorOf, type PlainOf } from './dictionary';
import { topologicalOrder } from './topology';
import { callsOf, layerOf, nodeName, type Doc, type GraphNode, type Layer } from './types';

const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
const asText = (value: Json | undefined, fallback: string): string => (typeof value === 'string' ? value : fallback);

/** Which call of its layer a node is. */
export function callIndex(doc: Doc, node: GraphNode): number {
  return callsOf(doc, node.layer).findIndex((call) => call.id === node.id);
}

export interface Terminal {
  node: string;
  tensor: number;
  output?: string;
}

export const keyOf = ({ node, tensor, output }: Terminal): string => `${node}:${output ?? tensor}`;

/** Terminals in the order the project remembers, then those drawn since. */
function ordered(found: Terminal[], remembered: Json | undefined): Terminal[] {
  const wanted = asList(remembered).map((entry) => asText(entry, ''));
  const place = (terminal: Terminal) => {
    const index = wanted.indexOf(keyOf(terminal));
    return index < 0 ? wanted.length : index;
  };
  return [...found].sort((a, b) => place(a) - place(b));
}

function parseTerminal(entry: Json): Terminal {
  const text = asText(entry, ':0');
  const cut = text.lastIndexOf(':');
  const [node, tail] = [text.slice(0, cut), text.slice(cut + 1)];
  return /^\d+$/.test(tail) ? { node, tensor: Number(tail) } : { node, tensor: 0, output: tail };
}

/** What a node that nothing follows and of which nothing else is said answers with: of a dictionary all, else its first tensor. */
function wholeAnswer(doc: Doc, node: string, plainOf: PlainOf): Terminal[] {
  const layer = layerOf(doc, node);
  const plain = layer && plainOf(layer);
  const given = givenEntries(doc, node, plainOf);
  if (given.length === 0) return [{ node, tensor: 0 }];
  return given.map((output) => (output === plain ? { node, tensor: 0 } : { node, tensor: 0, output }));
}

/** Inputs: nodes whose layer takes nothing. Outputs: nodes nothing follows, and what was made an output. */
export function terminals(
  doc: Doc,
  order: string[],
  isInput: (layer: Layer) => boolean,
  plainOf: PlainOf = noPlain,
): { inputs: Terminal[]; outputs: Terminal[] } {
  const inputs: Terminal[] = [];
  const outputs: Terminal[] = [];
  const followed = new Set(Object.values(doc.edges).map((edge) => edge.source));
  const said = asList(doc.settings['model.inner_outputs']?.value)
    .map(parseTerminal)
    .filter(({ node }) => doc.nodes[node]);
  const sayers = new Set(said.map(({ node }) => node));
  for (const id of order) {
    const node = doc.nodes[id];
    const layer = node && doc.layers[node.layer];
    if (!layer) continue;
    if (isInput(layer)) inputs.push({ node: id, tensor: 0 });
    if (!followed.has(id) && !sayers.has(id)) outputs.push(...wholeAnswer(doc, id, plainOf));
  }
  outputs.push(...said);
  return {
    inputs: ordered(inputs, doc.settings['model.inputs']?.value),
    outputs: ordered(outputs, doc.settings['model.outputs']?.value),
  };
}

/** The layers whose tensors the model answers with, in order; a layer with two outputs stands there twice. */
export function outputNames(doc: Doc, isInput: (layer: Layer) => boolean, plainOf: PlainOf = noPlain): string[] {
  return terminals(doc, topologicalOrder(doc), isInput, plainOf).outputs.map(({ node }) => nodeName(doc, node));
}

export const terminalTensor = (doc: Doc, terminal: Terminal, plainOf: PlainOf): number =>
  tensorOf(doc, { source: terminal.node, ...terminal }, plainOf);

/** Those of a node's outputs, as tensors of its layer, that the model answers with. */
export function answeredOutputs(doc: Doc, node: string, plainOf: PlainOf): number[] {
  const { outputs } = terminals(doc, [node], () => false, plainOf);
  return outputs.filter((output) => output.node === node).map((output) => terminalTensor(doc, output, plainOf));
}
