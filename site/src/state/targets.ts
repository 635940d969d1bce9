/** What an output of the network may learn of the data, in the engine's words: the label, the sample itself, or a column of numbers. */
import type { DatasetInfo } from '@trainyard/types';

export const labelTarget = 'label';
export const inputTarget = 'input';

type Shape = readonly (number | null)[];

const values = (shape: Shape): number | null =>
  shape.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);

/** An output, its shape with the batch, answers with as many numbers as a sample has. */
function copiesSample(data: DatasetInfo | null, shape: Shape | undefined): boolean {
  if (!data || !shape || shape.length === 0) return false;
  const sample = values(data.input_shape) ?? 0;
  return sample > 1 && values(shape.slice(1)) === sample;
}

/**
 * The engine's own rule: the first output learns the label, unless it answers with as many numbers as a picture has (a table may have
 * as many columns as classes by chance). Others that answer with as many as a sample has learn that; the rest, given a loss, the label.
 */
export function defaultTarget(data: DatasetInfo | null, shape: Shape | undefined, index: number): string {
  const picture = (data?.input_shape.length ?? 0) > 1;
  return copiesSample(data, shape) && (index > 0 || picture) ? inputTarget : labelTarget;
}

/** What fits the output: one number is one column's. */
export function targetChoices(data: DatasetInfo | null, shape: Shape | undefined): string[] {
  const unknown = shape === undefined || values(shape.slice(1)) === null;
  const copies = unknown || copiesSample(data, shape);
  const single = unknown || values(shape.slice(1)) === 1;
  return [
    labelTarget,
    ...(copies && (values(data?.input_shape ?? []) ?? 0) > 0 && data !== null ? [inputTarget] : []),
    ...(single ? (data?.columns ?? []) : []),
  ];
}
