/** From the document to what xyflow draws, and from its changes back; pure. */
import type { EdgeChange, NodeChange } from '@xyflow/react';
import { nodeSize, type Doc, type Edge, type From } from '../../graph/types';
import { laneOf } from '../../graph/edgePath';
import { entryWords, plainBy, tensorOf } from '../../graph/dictionary';
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

/** Ports are named by their place, or by the entry of a dictionary, so that an edge finds its own. */
export const inputPort = (place: number | string): string => (typeof place === 'number' ? `in${place}` : `in:${place}`);
export const outputPort = (place: number | string): string =>
  typeof place === 'number' ? `out${place}` : `out:${place}`;
/** What a port's name says; undefined for a drag that ended on none. */
export function portPlace(name: string | null | undefined): number | string | undefined {
  const [, digits, entry] = /^(?:in|out)(?:(\d+)|:(.*))$/.exec(name ?? '') ?? [];
  return digits === undefined ? entry : Number(digits);
}
/** Which output a port is. */
export function outputAt(name: string | null | undefined): From {
  const place = portPlace(name);
  return typeof place === 'string' ? { tensor: 0, output: place } : { tensor: place ?? 0 };
}

export function flowEdges(doc: Doc, selected: readonly string[], catalog: Catalog | null): ShapeFlowEdge[] {
  const chosen = new Set(selected);
  const roles = (node: string) =>
    inputRoles(catalog?.layers.get(doc.layers[doc.nodes[node]?.layer ?? '']?.className ?? ''));
  const plainOf = plainBy(catalog);
  const port = (edge: Edge) => {
    if (edge.entry !== undefined) return edge.entry;
    const names = roles(edge.target);
    return names.length === 0 ? 0 : Math.min(names.length - 1, portOf(doc, edge, names));
  };
  return Object.values(doc.edges).map((edge) => ({
    id: edge.id,
    type: 'shape',
    source: edge.source,
    target: edge.target,
    sourceHandle: outputPort(edge.output ?? edge.tensor),
    targetHandle: inputPort(port(edge)),
    selected: chosen.has(edge.id),
    data: {
      layer: doc.nodes[edge.source]?.layer ?? '',
      tensor: tensorOf(doc, edge, plainOf),
      lane: laneOf(doc, edge),
      name: nameOf(edge),
    },
    ariaLabel: `Connection from ${doc.layers[doc.nodes[edge.source]?.layer ?? '']?.name ?? ''} to ${doc.layers[doc.nodes[edge.target]?.layer ?? '']?.name ?? ''}${edge.entry === undefined ? '' : ` as ${entryWords(edge.entry)}`}`,
  }));
}

/** What comes beside pictures is called by its name. */
function nameOf({ entry, output }: Edge): string | null {
  const name = entry ?? output;
  return name === undefined ? null : entryWords(name);
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
