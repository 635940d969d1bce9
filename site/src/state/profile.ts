/** Where a training step's time goes, from the engine's timer. */

export interface TimedOp {
  op: string;
  layer: string;
  calls: number;
  milliseconds: number;
}

export interface ProfileRow {
  op: string;
  layer: string;
  /** Of one step. */
  milliseconds: number;
  /** Of the step's time, 0..1. */
  share: number;
}

export interface StepProfile {
  /** Slowest first. */
  rows: readonly ProfileRow[];
  /** Of one step, in the kernels; what lies between them is not in it. */
  milliseconds: number;
  steps: number;
}

/** Every op runs at least once a step, so the fewest calls are the steps that were timed. Null when none was. */
export function stepProfile(timed: readonly TimedOp[]): StepProfile | null {
  const steps = timed.reduce((least, { calls }) => Math.min(least, calls), Infinity);
  const total = timed.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  if (!Number.isFinite(steps) || steps <= 0 || total <= 0) return null;
  const rows = timed.map(({ op, layer, milliseconds }) => ({
    op,
    layer,
    milliseconds: milliseconds / steps,
    share: milliseconds / total,
  }));
  return { rows: rows.sort((a, b) => b.share - a.share), milliseconds: total / steps, steps };
}

const known: readonly [RegExp, string][] = [
  [/^ConvInputGrad/, 'Convolution, back to its input'],
  [/^ConvFilterGrad/, 'Convolution, gradient of the filters'],
  [/^Conv(?![a-z])/, 'Convolution'],
  [/^MatMul/, 'Matrix product'],
  [/^PoolGrad/, 'Pooling, back to its input'],
  [/^Pool/, 'Pooling'],
  [/^SoftmaxGrad/, 'Softmax, back to its input'],
  [/^Softmax/, 'Softmax'],
  [/^StandardizeGrad/, 'Normalization, back to its input'],
  [/^Standardize/, 'Normalization'],
  [/^Gather/, 'Reading the batch'],
  [/^Fused/, 'Several small steps in one'],
  [/^Reduce/, 'Sums and means'],
  [/^Binary\.relu_grad/, 'ReLU, back to its input'],
  [/^Copy/, 'Copying'],
  [/^Cast/, 'Changing the number type'],
];

/** The op in plain words; its own name where there are none. */
export function opWords(op: string): string {
  return known.find(([pattern]) => pattern.test(op))?.[1] ?? op;
}
