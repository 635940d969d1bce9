/** The templates: a network each, and where it takes more to do what it promises, the data and the training that go with it. */
import type { Json, JsonObject } from '@trainyard/types';
import { makeReference } from '../graph/catalog';
import type { DataChoice } from '../state/data';
import type { Goal } from '../state/goal';

/** Settings of a fit, by Keras's names; what is not here keeps the defaults that suit the data. */
export type TemplateFit = Partial<
  Record<'optimizer' | 'loss' | 'batch_size' | 'epochs' | 'validation_split' | 'seed' | 'shuffle', Json>
>;

export interface Template {
  name: string;
  title: string;
  about: string;
  /** A built-in model of the engine's by name, or Keras JSON. */
  model: string | JsonObject;
  data?: DataChoice;
  fit?: TemplateFit;
  goal?: Goal;
}

/**
 * A one-cycle schedule in Keras's words: a warmup over the first fifth, then half a cosine wave down. The steps are those of `samples`
 * in `epochs` epochs of this batch size.
 */
export function oneCycle(peak: number, samples: number, epochs: number, batch: number): Json {
  const steps = Math.ceil(samples / batch) * epochs;
  const warmup = Math.round(steps / 5);
  return makeReference('schedules', 'CosineDecay', {
    initial_learning_rate: peak / 10,
    decay_steps: steps - warmup,
    alpha: 0.001,
    warmup_target: peak,
    warmup_steps: warmup,
  });
}

const layer = (class_name: string, config: JsonObject): JsonObject => ({ class_name, config });

const mnistImages = 60_000;

/** LeNet-5's outline; a stride in place of the first pooling, which costs time and no accuracy, and one wide layer before the last. */
const quickReader: JsonObject = {
  class_name: 'Sequential',
  config: {
    name: 'mnist_in_seconds',
    layers: [
      layer('InputLayer', { name: 'input', batch_shape: [null, 28, 28, 1] }),
      layer('Conv2D', {
        name: 'conv_1',
        filters: 8,
        kernel_size: [5, 5],
        strides: [2, 2],
        padding: 'same',
        activation: 'relu',
      }),
      layer('Conv2D', { name: 'conv_2', filters: 16, kernel_size: [5, 5], activation: 'relu' }),
      layer('MaxPooling2D', { name: 'pool', pool_size: [2, 2], strides: [2, 2] }),
      layer('Flatten', { name: 'flatten' }),
      layer('Dense', { name: 'dense', units: 128, activation: 'relu' }),
      layer('Dense', { name: 'output', units: 10, activation: 'softmax' }),
    ],
  },
};

export const templates: readonly Template[] = [
  {
    name: 'lenet5',
    title: 'LeNet-5',
    about: 'Two convolutions and three dense layers: the classic for handwriting. Small and quick.',
    model: 'lenet5',
  },
  {
    name: 'mnist-in-seconds',
    title: 'MNIST in seconds',
    about:
      'Reads 99 % of the test images after three epochs, with the training settings for it. A clock shows how long it took.',
    model: quickReader,
    data: 'mnist',
    fit: {
      optimizer: makeReference('optimizers', 'Adam', { learning_rate: oneCycle(0.005, mnistImages, 3, 128) }),
      batch_size: 128,
      epochs: 3,
      validation_split: 0,
    },
    goal: { accuracy: 0.99, seconds: 15 },
  },
  {
    name: 'cnn',
    title: 'CNN',
    about: 'Two wider convolutions: better, and several times slower.',
    model: 'cnn',
  },
  { name: 'mlp', title: 'MLP', about: 'Dense layers only: the simplest network, also for tables.', model: 'mlp' },
];
