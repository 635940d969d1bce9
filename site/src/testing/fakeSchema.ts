/** A small schema of the same shape as the engine's, for unit tests and for working on the page without an engine. */
import type { ArgSchema, ClassSchema, Group, Json, Schema } from '@trainyard/types';

type Options = Partial<Omit<ArgSchema, 'name' | 'kind' | 'default'>>;

const arg = (name: string, kind: ArgSchema['kind'], value: Json, options: Options = {}): ArgSchema => ({
  name,
  kind,
  doc: `The ${name.replace(/_/g, ' ')} of the layer.`,
  required: false,
  nullable: value === null,
  advanced: false,
  ...options,
  default: value,
});

const required = (name: string, kind: ArgSchema['kind'], options: Options = {}): ArgSchema => ({
  ...arg(name, kind, null, options),
  nullable: false,
  required: true,
});

const item = (
  group: Group,
  class_name: string,
  family: string,
  doc: string,
  args: ArgSchema[],
  more: Partial<ClassSchema> = {},
): ClassSchema => ({
  class_name,
  group,
  family,
  doc,
  aliases: [],
  args,
  ...more,
});

const layer = (
  class_name: string,
  family: string,
  doc: string,
  args: ArgSchema[],
  summary_args: string[] = [],
  inputs = { min: 1, max: 1 as number | null },
) =>
  item(
    'layers',
    class_name,
    family,
    doc,
    [
      ...args,
      arg('name', 'text', null),
      arg('trainable', 'flag', true, { advanced: true }),
      arg('dtype', 'dtype', null, { advanced: true, choices: ['float32', 'float16'] }),
    ],
    { inputs, summary_args },
  );

const activation = arg('activation', 'reference', null, { group: 'activations' });
const initializer = (name: string, value: string) =>
  arg(name, 'reference', value, { group: 'initializers', advanced: true });
const regularizer = arg('kernel_regularizer', 'reference', null, { group: 'regularizers', advanced: true });
const padding = arg('padding', 'choice', 'valid', { choices: ['valid', 'same'] });
const weights = [
  activation,
  arg('use_bias', 'flag', true),
  initializer('kernel_initializer', 'GlorotUniform'),
  initializer('bias_initializer', 'Zeros'),
  regularizer,
];

const layers: ClassSchema[] = [
  layer(
    'InputLayer',
    'core',
    'Where the data comes in.',
    [required('shape', 'shape'), arg('batch_size', 'int', null, { advanced: true, min: 1 })],
    ['shape'],
    { min: 0, max: 1 },
  ),
  layer(
    'Dense',
    'core',
    'Every output is a weighted sum of every input.',
    [required('units', 'int', { min: 1 }), ...weights],
    ['units', 'activation'],
  ),
  layer(
    'Activation',
    'core',
    'Applies a function to every number.',
    [required('activation', 'reference', { group: 'activations' })],
    ['activation'],
  ),
  layer(
    'Conv2D',
    'convolutional',
    'Slides small filters over the picture.',
    [
      required('filters', 'int', { min: 1 }),
      required('kernel_size', 'int_tuple', { length: 2, min: 1 }),
      arg('strides', 'int_tuple', [1, 1], { length: 2, min: 1 }),
      padding,
      ...weights,
    ],
    ['filters', 'kernel_size', 'activation'],
  ),
  layer(
    'MaxPooling2D',
    'pooling',
    'Keeps the largest number of every window.',
    [
      arg('pool_size', 'int_tuple', [2, 2], { length: 2, min: 1 }),
      arg('strides', 'int_tuple', null, { length: 2, min: 1 }),
      padding,
    ],
    ['pool_size'],
  ),
  layer(
    'AveragePooling2D',
    'pooling',
    'Keeps the mean of every window.',
    [arg('pool_size', 'int_tuple', [2, 2], { length: 2, min: 1 }), padding],
    ['pool_size'],
  ),
  layer('Flatten', 'reshaping', 'Lays all numbers in one row.', []),
  layer(
    'ZeroPadding2D',
    'reshaping',
    'Adds a border of zeros.',
    [
      arg(
        'padding',
        'padding',
        [
          [1, 1],
          [1, 1],
        ],
        { length: 2, min: 0 },
      ),
    ],
    ['padding'],
  ),
  layer(
    'Dropout',
    'regularization',
    'Silences some numbers while training.',
    [required('rate', 'float', { min: 0, max: 1 })],
    ['rate'],
  ),
  layer('BatchNormalization', 'normalization', 'Brings the batch to mean 0 and variance 1.', [
    arg('axis', 'axis', -1),
    arg('momentum', 'float', 0.99, { min: 0, max: 1 }),
  ]),
  layer('Add', 'merging', 'The sum of its inputs.', [], [], { min: 2, max: null }),
  layer('Concatenate', 'merging', 'Its inputs side by side.', [arg('axis', 'axis', -1)], ['axis'], {
    min: 2,
    max: null,
  }),
];

const names = (group: Group, list: string[]) => list.map((name) => item(group, name, group, `${name}.`, []));
const rate = arg('learning_rate', 'number_or_schedule', 0.001, { group: 'schedules', min: 0 });

export const fakeSchema: Schema = {
  protocol: 1,
  hash: 'fake',
  groups: {
    layers,
    activations: names('activations', ['linear', 'relu', 'softmax', 'tanh', 'sigmoid']),
    initializers: [
      ...names('initializers', ['Zeros', 'Ones']),
      item('initializers', 'GlorotUniform', 'initializers', 'Uniform, scaled by fan in and out.', [
        arg('seed', 'int', null),
      ]),
      item('initializers', 'RandomNormal', 'initializers', 'Normal.', [
        arg('mean', 'float', 0),
        arg('stddev', 'float', 0.05),
      ]),
    ],
    regularizers: [item('regularizers', 'L2', 'regularizers', 'Squares.', [arg('l2', 'float', 0.01)])],
    constraints: [],
    losses: [
      ...names('losses', ['MeanSquaredError']),
      item(
        'losses',
        'SparseCategoricalCrossentropy',
        'losses',
        'For whole-number labels.',
        [arg('from_logits', 'flag', false)],
        { aliases: ['sparse_categorical_crossentropy'] },
      ),
    ],
    metrics: [],
    optimizers: [
      item(
        'optimizers',
        'Adam',
        'optimizers',
        "Steps sized by the gradient's own moments.",
        [rate, arg('beta_1', 'float', 0.9, { advanced: true })],
        { aliases: ['adam'] },
      ),
      item(
        'optimizers',
        'SGD',
        'optimizers',
        'Plain steps downhill.',
        [{ ...rate, default: 0.01 }, arg('momentum', 'float', 0)],
        { aliases: ['sgd'] },
      ),
    ],
    schedules: [
      item('schedules', 'ExponentialDecay', 'schedules', 'Falls by a factor.', [
        required('initial_learning_rate', 'float'),
        required('decay_steps', 'int'),
        required('decay_rate', 'float'),
      ]),
    ],
    callbacks: [],
  },
};
