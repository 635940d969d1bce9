/** Order, reachability and the walk of the arrow keys. */
import { inEdges, outEdges, type Doc } from './types';

/** Nodes so that sources come before targets; nodes on a cycle come last, in document order. */
export function topologicalOrder(doc: Doc): string[] {
  const waiting = new Map<string, number>();
  for (const id of Object.keys(doc.nodes)) waiting.set(id, 0);
  for (const edge of Object.values(doc.edges)) waiting.set(edge.target, (waiting.get(edge.target) ?? 0) + 1);
  const ready = [...waiting].filter(([, count]) => count === 0).map(([id]) => id);
  const order: string[] = [];
  for (let id = ready.shift(); id !== undefined; id = ready.shift()) {
    order.push(id);
    waiting.delete(id);
    for (const edge of outEdges(doc, id)) {
      const left = (waiting.get(edge.target) ?? 0) - 1;
      waiting.set(edge.target, left);
      if (left === 0) ready.push(edge.target);
    }
  }
  return [...order, ...waiting.keys()];
}

/** True when `to` can be reached from `from` along the edges (a node reaches itself). */
export function reaches(doc: Doc, from: string, to: string): boolean {
  const seen = new Set<string>();
  const stack = [from];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const edge of outEdges(doc, id)) stack.push(edge.target);
  }
  return false;
}

/** Everything downstream of a node, itself excluded. */
export function descendants(doc: Doc, from: string): Set<string> {
  const seen = new Set<string>();
  const stack = outEdges(doc, from).map((edge) => edge.target);
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    for (const edge of outEdges(doc, id)) stack.push(edge.target);
  }
  return seen;
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** Where an arrow key leads: up and down follow edges, left and right go to the nearest node at about the same height. */
export function walk(doc: Doc, from: string | null, direction: Direction): string | null {
  const start = from === null ? undefined : doc.nodes[from];
  if (!start) return topologicalOrder(doc)[0] ?? null;
  const byX = (ids: string[]) =>
    ids.sort((a, b) => Math.abs((doc.nodes[a]?.x ?? 0) - start.x) - Math.abs((doc.nodes[b]?.x ?? 0) - start.x))[0] ??
    null;
  if (direction === 'up') return byX(inEdges(doc, start.id).map((edge) => edge.source));
  if (direction === 'down') return byX(outEdges(doc, start.id).map((edge) => edge.target));
  const sign = direction === 'left' ? -1 : 1;
  const beside = Object.values(doc.nodes)
    .filter((node) => (node.x - start.x) * sign > 0)
    .map((node) => ({ id: node.id, cost: Math.abs(node.x - start.x) + 3 * Math.abs(node.y - start.y) }))
    .sort((a, b) => a.cost - b.cost);
  return beside[0]?.id ?? null;
}
