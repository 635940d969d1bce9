/** Curves as uPlot wants them: one x axis for all, nulls where a curve has no point. */
import { accuracyOf, maxPoints, type Curve } from '../../state/curve';

export type ChartKind = 'loss' | 'accuracy';
export type ChartColumns = [x: number[], train: (number | null)[], validation: (number | null)[]];

export function chartColumns(curve: Curve, kind: ChartKind): ChartColumns {
  const rows = new Map<number, { train: number | null; validation: number | null }>();
  const rowAt = (x: number) => {
    const row = rows.get(x) ?? { train: null, validation: null };
    rows.set(x, row);
    return row;
  };
  const scale = kind === 'accuracy' ? 100 : 1;
  const scaled = (value: number | null | undefined) =>
    value === null || value === undefined || !Number.isFinite(value) ? null : value * scale;
  for (const point of curve.points) rowAt(point.x).train = scaled(point[kind]);
  // More of them than the chart has room for would only cost time.
  const stride = Math.ceil(curve.epochs.length / maxPoints);
  for (const [index, end] of curve.epochs.entries()) {
    if ((curve.epochs.length - 1 - index) % stride !== 0) continue;
    const row = rowAt(end.epoch + 1);
    row.validation = scaled(kind === 'loss' ? end.logs['val_loss'] : accuracyOf(end.logs, 'val_'));
  }
  const xs = [...rows.keys()].sort((a, b) => a - b);
  return [xs, xs.map((x) => rows.get(x)?.train ?? null), xs.map((x) => rows.get(x)?.validation ?? null)];
}

/** The last value of a column and where it is: the place of its direct label. */
export function lastValue(xs: readonly number[], values: readonly (number | null)[]): { x: number; y: number } | null {
  for (let i = values.length - 1; i >= 0; i -= 1) {
    const y = values[i];
    const x = xs[i];
    if (y !== null && y !== undefined && x !== undefined) return { x, y };
  }
  return null;
}

/** The value of a column at or before a place, for the crosshair. */
export function valueNear(values: readonly (number | null)[], index: number): number | null {
  for (let i = index; i >= 0; i -= 1) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** Two labels must not lie on each other: pushes them apart by at least `gap`, keeping their order. */
export function apart(a: number, b: number, gap: number): [number, number] {
  const distance = Math.abs(a - b);
  if (distance >= gap) return [a, b];
  const push = (gap - distance) / 2;
  return a <= b ? [a - push, b + push] : [a + push, b - push];
}

/** Both moved by the same so that neither lies beyond the plot. */
export function within([a, b]: [number, number], top: number, bottom: number): [number, number] {
  const shift = Math.max(0, top - Math.min(a, b)) - Math.max(0, Math.max(a, b) - bottom);
  return [a + shift, b + shift];
}
