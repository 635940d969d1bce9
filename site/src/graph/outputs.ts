/** What a node gives, as one chooses among it. */
import { byEntry, entryWords, givenEntries, tensorOf, type PlainOf } from './dictionary';
import { answeredOutputs } from './ends';
import { formatShape } from './summary';
import { layerOf, outEdges, type Doc, type From } from './types';

export interface OutputChoice {
  from: From;
  /** As the model's ends name it: a number, or an entry. */
  tail: string;
  /** "labels", "output 2". */
  words: string;
  /** The same with its shape. */
  text: string;
}

type Shapes = readonly (number | null)[][];

function choice(from: From, words: string, shape: readonly (number | null)[] | undefined): OutputChoice {
  const text = shape ? `${words}: ${formatShape(shape)}` : words;
  return { from, tail: from.output ?? String(from.tensor), words, text };
}

/** By number, as far as shapes are known or connections come from. */
function numbered(doc: Doc, node: string, shapes: Shapes): OutputChoice[] {
  const used = outEdges(doc, node).map((edge) => edge.tensor + 1);
  const count = Math.max(1, shapes.length, ...used);
  return Array.from({ length: count }, (_, tensor) => choice({ tensor }, `output ${tensor + 1}`, shapes[tensor]));
}

/** By entry, those too that are there no more but still lead somewhere. */
function named(doc: Doc, node: string, shapes: Shapes, plainOf: PlainOf): OutputChoice[] {
  const layer = layerOf(doc, node);
  const plain = (layer && plainOf(layer)) ?? '';
  const used = outEdges(doc, node).map(({ output }) => output ?? plain);
  const given = givenEntries(doc, node, plainOf);
  return [...new Set([...given, ...used])].sort(byEntry).map((name) => {
    const from: From = name === plain ? { tensor: 0 } : { tensor: 0, output: name };
    return choice(from, entryWords(name), shapes[tensorOf(doc, { source: node, ...from }, plainOf)]);
  });
}

/** All that a node gives, `shapes` as the engine reports them. */
export function outputChoices(doc: Doc, node: string, shapes: Shapes, plainOf: PlainOf): OutputChoice[] {
  const dictionary =
    givenEntries(doc, node, plainOf).length > 0 || outEdges(doc, node).some(({ output }) => output !== undefined);
  return dictionary ? named(doc, node, shapes, plainOf) : numbered(doc, node, shapes);
}

/** Those of them that the model answers with, by their tails. */
export function answeredTails(doc: Doc, node: string, choices: readonly OutputChoice[], plainOf: PlainOf): string[] {
  const tensors = answeredOutputs(doc, node, plainOf);
  return choices
    .filter(({ from }) => tensors.includes(tensorOf(doc, { source: node, ...from }, plainOf)))
    .map(({ tail }) => tail);
}
