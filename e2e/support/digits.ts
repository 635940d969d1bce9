/** How a hand draws each digit: strokes of points, 0..1 of the pad's side. */
export interface Point {
  x: number;
  y: number;
}
export type Stroke = readonly Point[];

const line = (...points: readonly (readonly [number, number])[]): Stroke => points.map(([x, y]) => ({ x, y }));

/** Part of an ellipse; angles in turns, 0 at the right, growing downwards. */
function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): Stroke {
  const steps = 16;
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / steps);
    return { x: x + rx * Math.cos(angle), y: y + ry * Math.sin(angle) };
  });
}

export const digits: readonly (readonly Stroke[])[] = [
  [arc(0.5, 0.5, 0.2, 0.3, 0.75, -0.25)],
  [line([0.52, 0.18], [0.48, 0.82])],
  [[...arc(0.5, 0.36, 0.18, 0.17, 0.5, 1.08), ...line([0.3, 0.8], [0.74, 0.78])]],
  [[...arc(0.48, 0.34, 0.18, 0.16, 0.58, 1.22), ...arc(0.48, 0.65, 0.2, 0.17, -0.22, 0.42)]],
  [line([0.36, 0.2], [0.3, 0.52], [0.72, 0.52]), line([0.62, 0.2], [0.6, 0.84])],
  [[...line([0.7, 0.2], [0.38, 0.2], [0.36, 0.46]), ...arc(0.48, 0.62, 0.2, 0.18, 0.64, 1.4)]],
  [[...line([0.6, 0.16], [0.42, 0.36], [0.34, 0.6]), ...arc(0.5, 0.65, 0.17, 0.16, 0.5, 1.55)]],
  [line([0.28, 0.22], [0.7, 0.22], [0.46, 0.82])],
  [[...arc(0.5, 0.34, 0.14, 0.15, 0.2, -0.75), ...arc(0.5, 0.66, 0.17, 0.17, 0.75, 1.75)]],
  [[...arc(0.5, 0.36, 0.16, 0.16, 0.0, -1.0), ...line([0.66, 0.38], [0.62, 0.84])]],
];
