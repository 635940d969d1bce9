/** The way of an edge that must not run unseen behind the layers between its ends: out to the side, down, and back. */
import { nodeGap, nodeSize, type Doc, type Edge, type GraphNode } from './types';

export interface Ends {
  sourceX: number;
  sourceY: number;
  targetX: number;
  targetY: number;
}

export interface Path {
  path: string;
  labelX: number;
  labelY: number;
}

const bend = 34;

/** How far beside the layers a way leads. */
const clearance = nodeGap.x / 2;

/** Layers whose height lies, wholly or in part, between the two ends of an edge that leads down. */
function between(doc: Doc, source: GraphNode, target: GraphNode): GraphNode[] {
  const top = source.y + nodeSize.height;
  return Object.values(doc.nodes).filter(
    (node) => node.id !== source.id && node.id !== target.id && node.y + nodeSize.height > top && node.y < target.y,
  );
}

/** Whether the straight way from under one box to above another runs through a third. */
function isBlocked(source: GraphNode, target: GraphNode, others: readonly GraphNode[]): boolean {
  const top = source.y + nodeSize.height;
  const height = target.y - top;
  return others.some((node) => {
    const middle = Math.min(1, Math.max(0, (node.y + nodeSize.height / 2 - top) / height));
    const x = source.x + middle * (target.x - source.x);
    return Math.abs(node.x - x) < nodeSize.width / 2;
  });
}

/** Where an edge that would run behind a layer leads down instead: the nearest way past all of them. Null where it runs free. */
export function laneOf(doc: Doc, edge: Edge): number | null {
  const source = doc.nodes[edge.source];
  const target = doc.nodes[edge.target];
  if (!source || !target || target.y <= source.y + nodeSize.height) return null;
  const others = between(doc, source, target);
  if (!isBlocked(source, target, others)) return null;
  const half = nodeSize.width / 2;
  const lanes = others
    .flatMap((node) => [node.x + nodeSize.width + clearance, node.x - clearance])
    .filter((x) => others.every((node) => x <= node.x || x >= node.x + nodeSize.width));
  const cost = (x: number) => Math.abs(x - source.x - half) + Math.abs(x - target.x - half);
  return lanes.reduce<number | null>((best, x) => (best === null || cost(x) < cost(best) ? x : best), null);
}

/** Out to the side, down beside the layers it passes, and back. */
export function detour({ sourceX, sourceY, targetX, targetY }: Ends, side: number): Path {
  const top = sourceY + bend;
  const bottom = targetY - bend;
  const path = [
    `M ${sourceX},${sourceY}`,
    `C ${sourceX},${sourceY + bend} ${side},${sourceY} ${side},${top + bend}`,
    `L ${side},${bottom - bend}`,
    `C ${side},${targetY} ${targetX},${targetY - bend} ${targetX},${targetY}`,
  ].join(' ');
  return { path, labelX: side, labelY: (top + bottom) / 2 };
}
