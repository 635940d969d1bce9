/** What the network can be asked by hand: a picture that is drawn, a row of numbers, or a text. */
import type { DatasetInfo, Diagnosis } from '@trainyard/types';

export type QuestionKind = 'picture' | 'row' | 'text' | 'several';

/** A sample is a picture when it has two sides and one or three channels. */
export function pictureSize(shape: readonly number[]): { width: number; height: number; channels: number } | null {
  const [height, width, channels = 1] = shape;
  if (height === undefined || width === undefined || shape.length > 3) return null;
  return channels === 1 || channels === 3 ? { width, height, channels } : null;
}

/** A table whose columns are text holds no numbers. */
export const isText = (info: DatasetInfo | null): boolean =>
  info !== null && info.input_shape.some((size) => size === 0);

/** `several`: a text together with other inputs, which cannot be typed here. */
export function questionKind(diagnosis: Diagnosis | null, info: DatasetInfo | null): QuestionKind {
  const inputs = diagnosis?.inputs ?? [];
  if (inputs.some((input) => input.dtype === 'string')) return inputs.length === 1 ? 'text' : 'several';
  return info === null || pictureSize(info.input_shape) !== null ? 'picture' : 'row';
}
