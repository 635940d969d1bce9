/** Strokes as the drawing pad holds and shows them. */
export interface InkPoint {
  /** 0..1 of the pad's side. */
  x: number;
  y: number;
}
export type Stroke = readonly InkPoint[];

/** The pen's width as a part of the pad's side. */
export const penWidth = 0.075;

export function addPoint(strokes: readonly Stroke[], point: InkPoint): readonly Stroke[] {
  const last = strokes[strokes.length - 1];
  return last ? [...strokes.slice(0, -1), [...last, point]] : [[point]];
}

/** Draws strokes as smooth lines: quadratic curves through the midpoints. */
export function drawStrokes(
  context: CanvasRenderingContext2D,
  strokes: readonly Stroke[],
  side: number,
  colour: string,
): void {
  context.clearRect(0, 0, side, side);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = penWidth * side;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) drawStroke(context, stroke, side);
}

function drawStroke(context: CanvasRenderingContext2D, stroke: Stroke, side: number): void {
  const [first] = stroke;
  if (!first) return;
  context.beginPath();
  if (stroke.length === 1) {
    context.arc(first.x * side, first.y * side, (penWidth * side) / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.moveTo(first.x * side, first.y * side);
  for (let i = 1; i < stroke.length; i += 1) {
    const a = stroke[i - 1];
    const b = stroke[i];
    if (a && b) context.quadraticCurveTo(a.x * side, a.y * side, ((a.x + b.x) / 2) * side, ((a.y + b.y) / 2) * side);
  }
  const end = stroke[stroke.length - 1];
  if (end) context.lineTo(end.x * side, end.y * side);
  context.stroke();
}
