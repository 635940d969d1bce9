/**
 * Strokes as the picture that the engine reads, by arithmetic alone: a canvas read back would differ between browsers, and those that hide who
 * they are answer with noise.
 */
import { penWidth, type InkPoint, type Stroke } from './ink';

/** Side of the picture that is handed to the engine, in pixels. */
export const inkSide = 112;

/** Pixels between the points of a curve. */
const pieceLength = 1.5;

const between = (a: InkPoint, b: InkPoint, part: number): InkPoint => ({
  x: a.x + (b.x - a.x) * part,
  y: a.y + (b.y - a.y) * part,
});

/** Appends the quadratic curve from the last point, drawn towards `towards`, to `end`. */
function bend(line: InkPoint[], towards: InkPoint, end: InkPoint): void {
  const start = line[line.length - 1] ?? towards;
  const length =
    Math.hypot(towards.x - start.x, towards.y - start.y) + Math.hypot(end.x - towards.x, end.y - towards.y);
  const pieces = Math.max(1, Math.min(64, Math.ceil(length / pieceLength)));
  for (let i = 1; i <= pieces; i += 1) {
    const part = i / pieces;
    line.push(between(between(start, towards, part), between(towards, end, part), part));
  }
}

/** The line that the pad shows (drawStrokes), as points so close that straight pieces join them; in pixels. */
export function lineOf(stroke: Stroke, side: number): InkPoint[] {
  const points = stroke.map(({ x, y }) => ({ x: x * side, y: y * side }));
  const line = points.slice(0, 1);
  for (let i = 1; i < points.length; i += 1) {
    const a = points[i - 1];
    const b = points[i];
    if (a && b) bend(line, a, between(a, b, 0.5));
  }
  const end = points[points.length - 1];
  if (points.length > 1 && end) line.push(end);
  return line;
}

/** Of the point (x, y) to the straight piece from a to b. */
function distance(x: number, y: number, a: InkPoint, b: InkPoint): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const square = dx * dx + dy * dy;
  const part = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / square));
  return Math.hypot(x - a.x - part * dx, y - a.y - part * dy);
}

/** A round pen from a to b; a pixel that its edge crosses is covered in part. */
function stamp(values: Float32Array, side: number, a: InkPoint, b: InkPoint, radius: number): void {
  const low = (one: number, other: number) => Math.max(0, Math.floor(Math.min(one, other) - radius - 1));
  const high = (one: number, other: number) => Math.min(side - 1, Math.ceil(Math.max(one, other) + radius + 1));
  for (let row = low(a.y, b.y); row <= high(a.y, b.y); row += 1) {
    for (let column = low(a.x, b.x); column <= high(a.x, b.x); column += 1) {
      const covered = Math.min(1, radius + 0.5 - distance(column + 0.5, row + 0.5, a, b));
      const at = row * side + column;
      if (covered > (values[at] ?? 1)) values[at] = covered;
    }
  }
}

/** How far each pixel is covered, 0..1, row major. */
export function rasterise(strokes: readonly Stroke[], side = inkSide): Float32Array {
  const values = new Float32Array(side * side);
  const radius = (penWidth * side) / 2;
  for (const stroke of strokes) {
    const line = lineOf(stroke, side);
    line.forEach((point, i) => stamp(values, side, line[Math.max(0, i - 1)] ?? point, point, radius));
  }
  return values;
}
