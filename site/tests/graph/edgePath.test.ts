import { expect, test } from 'vitest';
import { detour, laneOf } from '../../src/graph/edgePath';
import { emptyDoc, nodeGap, nodeSize, type Doc, type GraphNode } from '../../src/graph/types';

const row = nodeSize.height + nodeGap.y;
const ends = (dx: number, rows: number) => ({
  sourceX: 0,
  sourceY: 0,
  targetX: dx,
  targetY: rows * row - nodeSize.height,
});

const node = (id: string, x: number, y: number): GraphNode => ({ id, layer: id, x, y, form: 'auto', kwargs: {} });
const drawn = (...nodes: GraphNode[]): Doc => ({
  ...emptyDoc,
  nodes: Object.fromEntries(nodes.map((entry) => [entry.id, entry])),
});
const edge = { id: 'e', source: 'a', tensor: 0, target: 'b', order: 0 };

test('an edge with nothing between its ends runs straight, however long it is', () => {
  expect(laneOf(drawn(node('a', 0, 0), node('b', 0, row)), edge)).toBeNull();
  expect(laneOf(drawn(node('a', 0, 0), node('b', 0, 3 * row)), edge)).toBeNull();
  const beside = node('c', nodeSize.width + nodeGap.x, row);
  expect(laneOf(drawn(node('a', 0, 0), beside, node('b', 0, 2 * row)), edge)).toBeNull();
});

test('an edge that would run behind a layer goes around it', () => {
  const lane = laneOf(drawn(node('a', 0, 0), node('c', 20, row), node('b', 0, 2 * row)), edge);
  expect(lane).toBe(0);
});

test('the way around keeps clear of every layer it passes', () => {
  const width = nodeSize.width + nodeGap.x;
  const two = [node('c', -width / 2, row), node('d', width / 2, row)];
  const doc = drawn(node('a', 0, 0), ...two, node('e', 0, 2 * row), node('b', 0, 3 * row));
  const lane = laneOf(doc, edge) ?? 0;
  for (const { x } of [...two, { x: 0 }]) expect(lane <= x || lane >= x + nodeSize.width).toBe(true);
});

test('the detour begins and ends at the ports and passes outside the layers', () => {
  const { path, labelX } = detour(ends(0, 3), nodeSize.width);
  expect(path.startsWith('M 0,0')).toBe(true);
  expect(path.endsWith(`0,${3 * row - nodeSize.height}`)).toBe(true);
  expect(labelX).toBeGreaterThan(nodeSize.width / 2);
});
