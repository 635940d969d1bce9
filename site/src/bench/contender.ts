/** What a benchmark measures: one framework, one net at a time, images a second in training and in prediction. */
import type { Json, JsonObject } from '@trainyard/types';

export const netNames = ['mlp', 'lenet5', 'cnn'] as const;
export type NetName = (typeof netNames)[number];
export const tasks = ['train', 'predict'] as const;
export type Task = (typeof tasks)[number];

export const batchSize = 128;

/** A batch as a page would have it; what the pictures show plays no part in the speed. */
export const pictures = (): Float32Array =>
  Float32Array.from({ length: batchSize * 784 }, (_, i) => ((i * 37) % 256) / 255);

export interface Contender {
  readonly name: string;
  /** Version, backend and threads, for people. */
  readonly about: string;
  /** Makes the net current, with fresh weights, and runs it until it is warm. Throws CannotError where it has no way to. */
  prepare(net: NetName, task: Task): Promise<void>;
  /** Images a second over about so many seconds, and at least one batch. */
  measure(task: Task, seconds: number): Promise<number>;
}

/** The framework lacks something that the net needs; its message says what. */
export class CannotError extends Error {}

/** A net in the few words that the measured ones are made of; shapes are those of Keras, channels last. */
export type PlainLayer =
  | { kind: 'conv'; filters: number; size: [number, number]; padding: 'same' | 'valid'; relu: boolean }
  | { kind: 'pool'; size: [number, number] }
  | { kind: 'flatten' }
  | { kind: 'dense'; units: number; relu: boolean };

export interface PlainNet {
  /** Without the batch: [784] or [28, 28, 1]. */
  input: number[];
  layers: PlainLayer[];
}

const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
const pairOf = (value: Json | undefined): [number, number] =>
  Array.isArray(value) ? [Number(value[0]), Number(value[1])] : [Number(value), Number(value)];

function plainLayer(className: Json | undefined, config: JsonObject): PlainLayer {
  const relu = config['activation'] === 'relu';
  switch (className) {
    case 'Conv2D':
      return {
        kind: 'conv',
        filters: Number(config['filters']),
        size: pairOf(config['kernel_size']),
        padding: config['padding'] === 'same' ? 'same' : 'valid',
        relu,
      };
    case 'MaxPooling2D':
      return { kind: 'pool', size: pairOf(config['pool_size']) };
    case 'Flatten':
      return { kind: 'flatten' };
    case 'Dense':
      return { kind: 'dense', units: Number(config['units']), relu };
    default:
      throw new Error(`The benchmark does not know the layer ${JSON.stringify(className)}`);
  }
}

/** Reads a built-in model (Keras JSON), so that every framework gets the very same net. The softmax at its end is implied. */
export function plainNet(model: JsonObject): PlainNet {
  const layers = objectOf(model['config'])['layers'];
  const entries = (Array.isArray(layers) ? layers : []).map(objectOf);
  const source = entries.find((entry) => entry['class_name'] === 'InputLayer');
  const shape = objectOf(source?.['config'])['batch_shape'];
  return {
    input: (Array.isArray(shape) ? shape.slice(1) : []).map(Number),
    layers: entries
      .filter((entry) => entry !== source)
      .map((entry) => plainLayer(entry['class_name'], objectOf(entry['config']))),
  };
}
