/** Edits of what leads where. */
import { reaches } from '../graph/topology';
import { freshId } from '../graph/names';
import { inEdges, nodeName, outEdges, type Doc, type Edge, type From } from '../graph/types';
import { diff, type Command } from './patch';

export interface Refusal {
  refused: string;
}
export type Edit = Command | Refusal;
export const isRefusal = (edit: Edit): edit is Refusal => 'refused' in edit;

export type MaxInputs = (nodeId: string) => number;

const nothing: Command = { label: '', patches: [] };

export function withEdge(doc: Doc, edge: Omit<Edge, 'id'>): Doc {
  const id = freshId('e', doc.edges);
  return { ...doc, edges: { ...doc.edges, [id]: { ...edge, id } } };
}

export function withoutEdges(doc: Doc, ids: ReadonlySet<string>): Doc {
  return { ...doc, edges: Object.fromEntries(Object.entries(doc.edges).filter(([id]) => !ids.has(id))) };
}

/** Which output of its node an edge comes from. */
export const fromOf = ({ tensor, output }: From): From => (output === undefined ? { tensor } : { tensor, output });

/** What an edge is to its target, apart from its order. */
export const roleOf = ({
  keyword,
  entry,
}: {
  keyword?: string | undefined;
  entry?: string | undefined;
}): Pick<Edge, 'keyword' | 'entry'> => ({
  ...(keyword === undefined ? {} : { keyword }),
  ...(entry === undefined ? {} : { entry }),
});

/** Which tensor of the source, and which place among the target's inputs: counted from 0, or an entry of a dictionary. */
export interface Ends {
  tensor?: number;
  output?: string;
  port?: number;
  entry?: string;
}

/** An entry of a dictionary stands for itself; all that has no name is in one row. */
const rowOf = (doc: Doc, target: string, entry: string | undefined): Edge[] =>
  inEdges(doc, target).filter((edge) => edge.entry === entry);

/** Why two nodes cannot be joined, or null. The same tensor may lead to two places that mean different things. */
export function connectProblem(
  doc: Doc,
  source: string,
  target: string,
  maxInputs: MaxInputs,
  { tensor = 0, output, port, entry }: Ends = {},
): string | null {
  if (source === target) return 'A layer cannot feed itself.';
  if (maxInputs(target) === 0) return `“${nodeName(doc, target)}” is where data comes in; nothing can lead into it.`;
  const same = rowOf(doc, target, entry).findIndex(
    (edge) => edge.source === source && edge.tensor === tensor && edge.output === output,
  );
  if (same >= 0 && (port === undefined || port === same)) return 'These two are connected already.';
  if (reaches(doc, target, source)) {
    return `That would make a circle: “${nodeName(doc, source)}” already depends on “${nodeName(doc, target)}”.`;
  }
  return null;
}

/** The edge that gives way to a new one. */
function replacedBy(row: readonly Edge[], most: number, { port, entry }: Ends): Edge | undefined {
  if (entry !== undefined) return row[0];
  if (port !== undefined) return row[port];
  return row.length >= most ? row[row.length - 1] : undefined;
}

/** Joins two nodes. What was at the port gives way; without a port the tensor comes last, and takes the last one's place where no more fit. */
export function connect(doc: Doc, source: string, target: string, maxInputs: MaxInputs, ends: Ends = {}): Edit {
  const refused = connectProblem(doc, source, target, maxInputs, ends);
  if (refused !== null) return { refused };
  const replaced = replacedBy(rowOf(doc, target, ends.entry), maxInputs(target), ends);
  const cleared = replaced ? withoutEdges(doc, new Set([replaced.id])) : doc;
  const last = inEdges(doc, target).at(-1);
  const edge = {
    source,
    tensor: ends.tensor ?? 0,
    ...(ends.output === undefined ? {} : { output: ends.output }),
    target,
    order: replaced ? replaced.order : (last?.order ?? -1) + 1,
    ...roleOf({ ...(replaced ?? {}), ...(ends.entry === undefined ? {} : { entry: ends.entry }) }),
  };
  return diff(doc, withEdge(cleared, edge), `Connected ${nodeName(doc, source)} to ${nodeName(doc, target)}`);
}

/** An input of a node one place further to the front. */
export function moveInputUp(doc: Doc, edgeId: string): Command {
  const edge = doc.edges[edgeId];
  const inputs = edge ? inEdges(doc, edge.target) : [];
  const index = inputs.findIndex(({ id }) => id === edgeId);
  const before = inputs[index - 1];
  if (!edge || !before) return nothing;
  const edges = { ...doc.edges };
  inputs.forEach((input, order) => (edges[input.id] = { ...input, order }));
  edges[edge.id] = { ...edge, order: index - 1 };
  edges[before.id] = { ...before, order: index };
  return diff(doc, { ...doc, edges }, `Changed the order of inputs of ${nodeName(doc, edge.target)}`);
}

/** Another output of the layer that an edge comes from. */
export function chooseOutput(doc: Doc, edgeId: string, from: From, words = `output ${from.tensor + 1}`): Command {
  const edge = doc.edges[edgeId];
  if (!edge) return nothing;
  const { output: _old, ...rest } = edge;
  const next = { ...doc, edges: { ...doc.edges, [edgeId]: { ...rest, ...fromOf(from) } } };
  return diff(doc, next, `Took ${words} of ${nodeName(doc, edge.source)}`);
}

/** What led into a node that goes leads on instead of it: in a chain, and entry by entry where the node handed a dictionary on. */
export function bridged(doc: Doc, node: string): Doc {
  const into = inEdges(doc, node);
  const out = outEdges(doc, node);
  let next = withoutEdges(doc, new Set([...into, ...out].map((edge) => edge.id)));
  const dictionary = into.some((edge) => edge.entry !== undefined);
  const [first, ...more] = into;
  const chain = first !== undefined && more.every((edge) => edge.source === first.source) && out.length === 1;
  for (const edge of out) {
    const before = dictionary ? into.find(({ entry }) => entry === edge.output) : chain ? first : undefined;
    if (!before) continue;
    const twice = outEdges(next, before.source).some(
      (other) => other.target === edge.target && other.entry === edge.entry,
    );
    if (twice) continue;
    const { target, order } = edge;
    next = withEdge(next, { source: before.source, ...fromOf(before), target, order, ...roleOf(edge) });
  }
  return next;
}
