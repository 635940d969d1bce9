/** From the document to what xyflow draws, and from its changes back; pure. */
import type { EdgeChange, NodeChange } from '@xyflow/react';
import { nodeSize, type Doc, type Edge } from '../../graph/types';
import { laneOf } from '../../graph/edgePath';
import { inputRoles, portOf } from '../../graph/roles';
import { summaryLine } from '../../graph/summary';
import type { Catalog } from '../../graph/catalog';
import type { LayerFlowNode } from './LayerNode';
import type { ShapeFlowEdge } from './ShapeEdge';

export type Places = Readonly<Record<string, { x: number; y: number }>>;

export function flowNodes(
  doc: Doc,
  catalog: Catalog | null,
  selected: readonly string[],
  moving: Places,
): LayerFlowNode[] {
  const chosen = new Set(selected);
  return Object.values(doc.nodes).map((node) => {
    const layer = doc.layers[node.layer];
    const item = catalog?.layers.get(layer?.className ?? '');
    const summary = layer ? summaryLine(item, layer.config) : '';
    return {
      id: node.id,
      type: 'layer',
      position: moving[node.id] ?? { x: node.x, y: node.y },
      data: { layer: node.layer },
      selected: chosen.has(node.id),
      ...nodeSize,
      measured: nodeSize,
      ariaLabel: [layer?.className, layer?.name, summary].filter(Boolean).join(', '),
    };
  });
}

/** Ports are named by their place, so that an edge finds its own. */
export const inputPort = (index: number): string => `in${index}`;
export const outputPort = (index: number): string => `out${index}`;
/** The place of a port by its name; undefined for a drag that ended on none. */
export const portIndex = (name: string | null | undefined): number | undefined => {
  const digits = /\d+$/.exec(name ?? '');
  return digits ? Number(digits[0]) : undefined;
};

export function flowEdges(doc: Doc, selected: readonly string[], catalog: Catalog | null): ShapeFlowEdge[] {
  const chosen = new Set(selected);
  const roles = (node: string) =>
    inputRoles(catalog?.layers.get(doc.layers[doc.nodes[node]?.layer ?? '']?.className ?? ''));
  const port = (edge: Edge) => {
    const names = roles(edge.target);
    return names.length === 0 ? 0 : Math.min(names.length - 1, portOf(doc, edge, names));
  };
  return Object.values(doc.edges).map((edge) => ({
    id: edge.id,
    type: 'shape',
    source: edge.source,
    target: edge.target,
    sourceHandle: outputPort(edge.tensor),
    targetHandle: inputPort(port(edge)),
    selected: chosen.has(edge.id),
    data: { layer: doc.nodes[edge.source]?.layer ?? '', tensor: edge.tensor, lane: laneOf(doc, edge) },
    ariaLabel: `Connection from ${doc.layers[doc.nodes[edge.source]?.layer ?? '']?.name ?? ''} to ${doc.layers[doc.nodes[edge.target]?.layer ?? '']?.name ?? ''}`,
  }));
}

/** The selection after xyflow's changes. */
export function selectionAfter(
  selected: readonly string[],
  changes: readonly (NodeChange<LayerFlowNode> | EdgeChange<ShapeFlowEdge>)[],
): readonly string[] {
  let next = [...selected];
  for (const change of changes) {
    if (change.type !== 'select') continue;
    next = next.filter((id) => id !== change.id);
    if (change.selected) next.push(change.id);
  }
  const same = next.length === selected.length && next.every((id, index) => id === selected[index]);
  return same ? selected : next;
}

const dropReach = 60;

/** The edge that a layer dropped here (its centre) is meant to go into. */
export function edgeAt(doc: Doc, point: { x: number; y: number }): Edge | null {
  let best: { edge: Edge; distance: number } | null = null;
  for (const edge of Object.values(doc.edges)) {
    const source = doc.nodes[edge.source];
    const target = doc.nodes[edge.target];
    if (!source || !target) continue;
    const a = { x: source.x + nodeSize.width / 2, y: source.y + nodeSize.height };
    const b = { x: target.x + nodeSize.width / 2, y: target.y };
    const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    const along = Math.min(
      1,
      Math.max(0, ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / (length * length)),
    );
    const distance = Math.hypot(a.x + along * (b.x - a.x) - point.x, a.y + along * (b.y - a.y) - point.y);
    if (distance < dropReach && (best === null || distance < best.distance)) best = { edge, distance };
  }
  return best?.edge ?? null;
}
