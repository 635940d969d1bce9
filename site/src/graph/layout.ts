/** Layered layout, top to bottom: rank by longest path, order in a rank by the mean place of the neighbours above. */
import { inEdges, nodeGap, nodeSize, type Doc } from './types';
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

export function layout(doc: Doc): Positions {
  const positions: Positions = {};
  const stepX = nodeSize.width + nodeGap.x;
  const stepY = nodeSize.height + nodeGap.y;
  rows(ranks(doc)).forEach((row, level) => {
    const wish = (id: string) => {
      const xs = inEdges(doc, id).map((edge) => positions[edge.source]?.x ?? 0);
      return xs.length === 0 ? 0 : xs.reduce((a, b) => a + b, 0) / xs.length;
    };
    const sorted = row.map((id) => ({ id, x: wish(id) })).sort((a, b) => a.x - b.x);
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
