import { expect, test } from 'vitest';
import { detour, needsDetour } from '../../src/graph/edgePath';
import { nodeGap, nodeSize } from '../../src/graph/types';

const row = nodeSize.height + nodeGap.y;
const ends = (dx: number, rows: number) => ({
  sourceX: 0,
  sourceY: 0,
  targetX: dx,
  targetY: rows * row - nodeSize.height,
});

test('an edge to the next row runs straight', () => {
  expect(needsDetour(ends(0, 1))).toBe(false);
});

test('an edge that would run behind a layer goes around it', () => {
  expect(needsDetour(ends(0, 2))).toBe(true);
  expect(needsDetour(ends(nodeSize.width + nodeGap.x, 2))).toBe(false);
});

test('the detour begins and ends at the ports and passes outside the layers', () => {
  const { path, labelX } = detour(ends(0, 3));
  expect(path.startsWith('M 0,0')).toBe(true);
  expect(path.endsWith(`0,${3 * row - nodeSize.height}`)).toBe(true);
  expect(labelX).toBeGreaterThan(nodeSize.width / 2);
});
