/**
 * The learning curve from progress reports. A report holds means over the epoch so far; the mean over just the samples since the last
 * point follows from two of them, and shows learning as it happens instead of a saw.
 */
import type { EpochEnd, Progress } from '@trainyard/types';

export interface CurvePoint {
  /** In epochs since training began: 1.5 is the middle of the second one. */
  x: number;
  loss: number | null;
  accuracy: number | null;
}

export interface Curve {
  readonly points: readonly CurvePoint[];
  readonly epochs: readonly EpochEnd[];
  /** Where the last point was taken, with its running means. */
  readonly last: { epoch: number; step: number; loss: number; accuracy: number | null } | null;
}

export const emptyCurve: Curve = { points: [], epochs: [], last: null };
export const maxPoints = 600;
const pointsPerEpoch = 60;

const accuracyKeys = ['accuracy', 'sparse_categorical_accuracy', 'categorical_accuracy', 'binary_accuracy', 'acc'];

/** What is measured beside loss and the accuracy that stands first: other metrics, and those of other outputs. */
export function furtherLogs(logs: Readonly<Record<string, number>>): [name: string, value: number][] {
  const accuracy = accuracyOf(logs);
  let passed = false;
  return Object.entries(logs).filter(([name, value]) => {
    if (name === 'loss' || name.startsWith('val_')) return false;
    const first = !passed && value === accuracy && accuracyKeys.some((key) => name === key || name.endsWith(`_${key}`));
    passed ||= first;
    return !first;
  });
}

/** The accuracy among Keras's logs, whatever form it was asked for in; of several outputs the first that has one. */
export function accuracyOf(logs: Readonly<Record<string, number>>, prefix = ''): number | null {
  for (const key of accuracyKeys) {
    const value = logs[prefix + key];
    if (value !== undefined) return value;
  }
  const ofOutput = Object.keys(logs).find(
    (key) =>
      key.startsWith(prefix) &&
      (prefix !== '' || !key.startsWith('val_')) &&
      accuracyKeys.some((name) => key.endsWith(`_${name}`)),
  );
  return ofOutput === undefined ? null : (logs[ofOutput] ?? null);
}

/** Mean over (a, b] from the running means at a and b. */
function between(meanA: number, a: number, meanB: number, b: number): number {
  return (meanB * b - meanA * a) / (b - a);
}

/** Every second point merged with its neighbour. */
function thin(points: readonly CurvePoint[]): CurvePoint[] {
  const mean = (a: number | null, b: number | null) => (a === null || b === null ? (a ?? b) : (a + b) / 2);
  const result: CurvePoint[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const a = points[i];
    const b = points[i + 1];
    if (a && b) result.push({ x: b.x, loss: mean(a.loss, b.loss), accuracy: mean(a.accuracy, b.accuracy) });
    else if (a) result.push(a);
  }
  return result;
}

/** Adds a report; reports that come sooner than a pixel's worth of progress are skipped. `step` counts finished steps. */
export function addProgress(curve: Curve, progress: Progress): Curve {
  const loss = progress.logs['loss'];
  const done = progress.step;
  if (loss === undefined || done <= 0 || progress.steps <= 0) return curve;
  // A report that comes after its epoch's end would draw the whole epoch's mean as its last point.
  if (curve.epochs.some(({ epoch }) => epoch === progress.epoch)) return curve;
  const last = curve.last?.epoch === progress.epoch ? curve.last : null;
  const stride = Math.max(1, Math.floor(progress.steps / pointsPerEpoch));
  if (last && done - last.step < stride) return curve;
  const accuracy = accuracyOf(progress.logs);
  const before = last?.step ?? 0;
  const point: CurvePoint = {
    x: progress.epoch + done / progress.steps,
    loss: last ? between(last.loss, before, loss, done) : loss,
    accuracy:
      accuracy === null || (last && last.accuracy === null)
        ? accuracy
        : between(last?.accuracy ?? 0, before, accuracy, done),
  };
  const points = [...curve.points, point];
  return {
    ...curve,
    points: points.length > maxPoints ? thin(points) : points,
    last: { epoch: progress.epoch, step: done, loss, accuracy },
  };
}

/** An epoch too short for a report of its own has its mean as its only point. */
export function addEpoch(curve: Curve, end: EpochEnd): Curve {
  const epochs = [...curve.epochs.filter((epoch) => epoch.epoch !== end.epoch), end];
  const seen = (curve.points.at(-1)?.x ?? 0) > end.epoch;
  const loss = end.logs['loss'];
  if (seen || loss === undefined) return { ...curve, epochs, last: null };
  const points = [...curve.points, { x: end.epoch + 1, loss, accuracy: accuracyOf(end.logs) }];
  return { points: points.length > maxPoints ? thin(points) : points, epochs, last: null };
}

/** A curve for a history read from a file: one point an epoch. */
export function curveFromHistory(history: readonly EpochEnd[]): Curve {
  const points = history.map((end) => ({
    x: end.epoch + 1,
    loss: end.logs['loss'] ?? null,
    accuracy: accuracyOf(end.logs),
  }));
  return { points, epochs: history, last: null };
}

/** The epoch that did best on what it had not seen (or, without validation, on training loss). */
export function bestEpoch(epochs: readonly EpochEnd[]): EpochEnd | null {
  const score = (end: EpochEnd) => end.logs['val_loss'] ?? end.logs['loss'] ?? Infinity;
  return epochs.reduce<EpochEnd | null>((best, end) => (best === null || score(end) < score(best) ? end : best), null);
}

export function curveCsv(curve: Curve): string {
  const rows = curve.points.map((point) => `${point.x.toFixed(4)},${point.loss ?? ''},${point.accuracy ?? ''},,`);
  const ends = curve.epochs.map(
    (end) => `${end.epoch + 1},,,${end.logs['val_loss'] ?? ''},${accuracyOf(end.logs, 'val_') ?? ''}`,
  );
  return ['epoch,loss,accuracy,val_loss,val_accuracy', ...rows, ...ends].join('\n') + '\n';
}
