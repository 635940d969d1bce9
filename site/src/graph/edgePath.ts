/** The way of an edge that must not run unseen behind the layers between its ends: out to the side, down, and back. */
import { nodeGap, nodeSize } from './types';

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

/** A connection that passes at least one row of layers, with its two ends nearly above each other. */
export function needsDetour({ sourceX, sourceY, targetX, targetY }: Ends): boolean {
  const passes = targetY - sourceY > nodeSize.height + 2 * nodeGap.y - 8;
  return passes && Math.abs(targetX - sourceX) < nodeSize.width * 0.6;
}

/** Runs along the right side of the layers it passes. */
export function detour({ sourceX, sourceY, targetX, targetY }: Ends): Path {
  const side = Math.max(sourceX, targetX) + nodeSize.width / 2 + nodeGap.x / 2;
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
