/** The templates: a network each, and where it takes more to do what it promises, the data and the training that go with it. */
import type { Json, JsonObject } from '@trainyard/types';
import { makeReference } from '../graph/catalog';
import type { DataChoice } from '../state/dataChoice';
import {
  autoencoder,
  convolutionAndGru,
  lstmOverRows,
  smallResNet,
  textReader,
  transformer,
  twoInputsTwoOutputs,
} from './templateModels';
import type { Goal } from '../state/goal';

/** Settings of a fit, by Keras's names; what is not here keeps the defaults that suit the data. */
export type TemplateFit = Partial<
  Record<
    | 'optimizer'
    | 'loss'
    | 'targets'
    | 'loss_weights'
    | 'metrics'
    | 'batch_size'
    | 'epochs'
    | 'validation_split'
    | 'seed'
    | 'shuffle',
    Json
  >
>;

/** A data set; or pictures of 28 x 28, whichever lie loaded; or anything, which the network's two ends are then fitted to. */
export type TemplateData = DataChoice | 'pictures' | 'any';

export interface Template {
  name: string;
  title: string;
  about: string;
  /** A built-in model of the engine's by name, or Keras JSON. */
  model: string | JsonObject;
  data: TemplateData;
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

const adam = (rate: number): Json => makeReference('optimizers', 'Adam', { learning_rate: rate });
const crossEntropy = makeReference('losses', 'SparseCategoricalCrossentropy', {});

const layer = (class_name: string, config: JsonObject): JsonObject => ({ class_name, config });

const mnistImages = 60_000;

const convolution = (number: number, config: JsonObject) =>
  layer('Conv2D', { name: `conv_${number}`, ...config, activation: 'relu' });
const normalization = (number: number) => layer('BatchNormalization', { name: `norm_${number}` });

/**
 * Three narrow convolutions, a stride in place of the first pooling; normalized, so that two epochs at a high rate are enough. Normalized
 * behind ReLU and pooling: the one is part of the convolution then, and the other leaves a quarter to do.
 */
const quickReader: JsonObject = {
  class_name: 'Sequential',
  config: {
    name: 'mnist_in_seconds',
    layers: [
      layer('InputLayer', { name: 'input', batch_shape: [null, 28, 28, 1] }),
      convolution(1, { filters: 8, kernel_size: [5, 5], strides: [2, 2], padding: 'same' }),
      normalization(1),
      convolution(2, { filters: 16, kernel_size: [3, 3] }),
      layer('MaxPooling2D', { name: 'pool', pool_size: [2, 2], strides: [2, 2] }),
      normalization(2),
      convolution(3, { filters: 32, kernel_size: [3, 3] }),
      normalization(3),
      layer('Flatten', { name: 'flatten' }),
      layer('Dense', { name: 'dense', units: 64, activation: 'relu' }),
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
    data: 'pictures',
  },
  {
    name: 'mnist-in-seconds',
    title: 'MNIST in seconds',
    about:
      'Reads 99 % of the test images after two epochs, with the training settings for it. A clock shows how long it took.',
    model: quickReader,
    data: 'mnist',
    fit: {
      optimizer: makeReference('optimizers', 'Adam', { learning_rate: oneCycle(0.012, mnistImages, 2, 128) }),
      batch_size: 128,
      epochs: 2,
      validation_split: 0,
    },
    goal: { accuracy: 0.99, seconds: 15 },
  },
  {
    name: 'cnn',
    title: 'CNN',
    about: 'Two wider convolutions: better, and several times slower.',
    model: 'cnn',
    data: 'pictures',
  },
  {
    name: 'mlp',
    title: 'MLP',
    about: 'Dense layers only: the simplest network, for pictures and for tables.',
    model: 'mlp',
    data: 'any',
  },
  {
    name: 'small-resnet',
    title: 'Small ResNet',
    about: 'Convolutions with shortcuts around them and batch normalization: how deep networks stay trainable.',
    model: smallResNet,
    data: 'pictures',
    fit: { optimizer: adam(0.002) },
  },
  {
    name: 'autoencoder',
    title: 'Autoencoder',
    about: 'Squeezes a picture into 24 numbers and draws it again from them. The same numbers tell the digit.',
    model: autoencoder,
    data: 'pictures',
    fit: {
      loss: { digit: crossEntropy, copy: 'mse' },
      targets: { digit: 'label', copy: 'input' },
      // The mean square of what is off between pixels is small beside a cross-entropy.
      loss_weights: { copy: 16 },
      metrics: { digit: ['accuracy'] },
    },
  },
  {
    name: 'text',
    title: 'Text: embedding and LSTM',
    about: 'Learns which short opinions are good and which bad, from words alone; “not bad” is praise.',
    model: textReader,
    data: 'sentences',
    fit: { optimizer: adam(0.005), batch_size: 32, epochs: 8, validation_split: 0.1 },
  },
  {
    name: 'sequence',
    title: 'Sequence: Conv1D and GRU',
    about: 'Reads a picture row by row: a convolution along the rows, then a gated recurrent unit.',
    model: convolutionAndGru,
    data: 'pictures',
    fit: { optimizer: adam(0.002) },
  },
  {
    name: 'lstm-rows',
    title: 'LSTM over rows',
    about: 'Reads a picture from its top row to its bottom row with 128 memory cells.',
    model: lstmOverRows,
    data: 'pictures',
    fit: { optimizer: adam(0.002) },
  },
  {
    name: 'transformer',
    title: 'Attention: transformer',
    about: 'Two encoder blocks in which every row of the picture looks at every other.',
    model: transformer,
    data: 'pictures',
    fit: { optimizer: adam(0.002) },
  },
  {
    name: 'two-in-two-out',
    title: 'Two inputs, two outputs',
    about: 'Tells the kind of iris from two measures of a petal, and guesses the one measure from the other.',
    model: twoInputsTwoOutputs,
    data: 'iris',
    fit: {
      loss: { kind: crossEntropy, guessed_length: 'mse' },
      targets: { kind: 'label', guessed_length: 'petal_length' },
      metrics: { kind: ['accuracy'] },
    },
  },
];

export const templateNamed = (name: string): Template | undefined =>
  templates.find((template) => template.name === name);
