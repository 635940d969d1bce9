/** Strokes to ink: the geometry of the drawing pad. Pure but for the canvas that rasterises. */
export interface InkPoint {
  /** 0..1 of the pad's side. */
  x: number;
  y: number;
}
export type Stroke = readonly InkPoint[];

/** Side of the picture that is handed to the engine, in pixels, and the pen's width as a part of the pad's side. */
export const inkSide = 112;
export const penWidth = 0.075;

export function addPoint(strokes: readonly Stroke[], point: InkPoint): readonly Stroke[] {
  const last = strokes[strokes.length - 1];
  return last ? [...strokes.slice(0, -1), [...last, point]] : [[point]];
}

/** Draws strokes as smooth lines: quadratic curves through the midpoints. */
export function drawStrokes(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
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

function drawStroke(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  stroke: Stroke,
  side: number,
): void {
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

/** Opacity 0..1 of every pixel, row major. */
export function inkValues(rgba: Uint8ClampedArray): Float32Array {
  const values = new Float32Array(rgba.length / 4);
  for (let i = 0; i < values.length; i += 1) values[i] = (rgba[i * 4 + 3] ?? 0) / 255;
  return values;
}

export function rasterise(strokes: readonly Stroke[]): Float32Array {
  const canvas = document.createElement('canvas');
  canvas.width = inkSide;
  canvas.height = inkSide;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return new Float32Array(inkSide * inkSide);
  drawStrokes(context, strokes, inkSide, '#000');
  return inkValues(context.getImageData(0, 0, inkSide, inkSide).data);
}
