/** Layered layout, top to bottom: rank by longest path, order in a rank by the mean place of the neighbours above. */
import { byEntry, givenEntries, noPlain, type PlainOf } from './dictionary';
import { inEdges, layerOf, nodeGap, nodeSize, outEdges, type Doc } from './types';
import { topologicalOrder } from './topology';

export type Positions = Record<string, { x: number; y: number }>;

function ranks(doc: Doc): Map<string, number> {
  const rank = new Map<string, number>();
  for (const id of topologicalOrder(doc)) {
    const above = inEdges(doc, id).map((edge) => rank.get(edge.source) ?? -1);
    rank.set(id, Math.max(-1, ...above) + 1);
  }
  return rank;
}

function rows(rank: Map<string, number>): string[][] {
  const result: string[][] = [];
  for (const [id, level] of rank) (result[level] ??= []).push(id);
  return result.map((row) => row ?? []);
}

/** Sources in the order in which a dictionary takes them, so that their ways do not cross; others where they stand. */
function bySlots(doc: Doc, row: readonly string[], plainOf: PlainOf): string[] {
  const slots = row.map((id, index) => {
    const [edge] = outEdges(doc, id);
    const layer = edge && givenEntries(doc, edge.target, plainOf).length > 0 ? layerOf(doc, edge.target) : undefined;
    const name = layer && (edge?.entry ?? plainOf(layer));
    const first = row.findIndex((other) => outEdges(doc, other)[0]?.target === edge?.target);
    return { id, place: name === undefined ? index : first, name: name ?? '' };
  });
  return slots.sort((a, b) => a.place - b.place || byEntry(a.name, b.name)).map(({ id }) => id);
}

export function layout(doc: Doc, plainOf: PlainOf = noPlain): Positions {
  const positions: Positions = {};
  const stepX = nodeSize.width + nodeGap.x;
  const stepY = nodeSize.height + nodeGap.y;
  rows(ranks(doc)).forEach((row, level) => {
    const wish = (id: string) => {
      const xs = inEdges(doc, id).map((edge) => positions[edge.source]?.x ?? 0);
      return xs.length === 0 ? 0 : xs.reduce((a, b) => a + b, 0) / xs.length;
    };
    const slotted = level === 0 ? bySlots(doc, row, plainOf) : row;
    const sorted = slotted.map((id) => ({ id, x: wish(id) })).sort((a, b) => a.x - b.x);
    const centre = sorted.reduce((sum, item) => sum + item.x, 0) / Math.max(1, sorted.length);
    sorted.forEach(({ id }, index) => {
      positions[id] = { x: centre + (index - (sorted.length - 1) / 2) * stepX, y: level * stepY };
    });
  });
  return positions;
}

/** True when a box at this place would touch another node. */
export function overlaps(doc: Doc, at: { x: number; y: number }, except: ReadonlySet<string> = new Set()): boolean {
  return Object.values(doc.nodes).some(
    (node) =>
      !except.has(node.id) &&
      Math.abs(node.x - at.x) < nodeSize.width + 8 &&
      Math.abs(node.y - at.y) < nodeSize.height + 8,
  );
}

/** The wished place, or the nearest free one to its right. */
export function freePlace(doc: Doc, wish: { x: number; y: number }): { x: number; y: number } {
  const place = { ...wish };
  while (overlaps(doc, place)) place.x += nodeSize.width + nodeGap.x;
  return place;
}
