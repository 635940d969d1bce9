/** The networks of the templates as Keras JSON, in as few words as Keras's own functional API needs. */
import type { Json, JsonObject } from '@trainyard/types';

/** A layer, its arguments, and the names of the layers it takes: all as one list, or each as an argument of its own. */
export interface Step {
  name: string;
  className: string;
  config?: JsonObject;
  from?: readonly string[];
  positional?: boolean;
}

const tensor = (layer: string): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: null, dtype: 'float32', keras_history: [layer, 0, 0] },
});

/** Keras 3's Functional form. Steps without `from` follow the step before; layers of class InputLayer begin. */
export function functional(name: string, steps: readonly Step[], outputs: readonly string[]): JsonObject {
  const isInput = (step: Step) => step.className === 'InputLayer';
  const inputs = steps.filter(isInput);
  return {
    class_name: 'Functional',
    config: {
      name,
      layers: steps.map((step, index) => {
        const before = steps[index - 1];
        const tensors = (step.from ?? (before ? [before.name] : [])).map(tensor);
        const args = tensors.length > 1 && !step.positional ? [tensors] : tensors;
        return {
          class_name: step.className,
          name: step.name,
          config: { ...step.config, name: step.name },
          inbound_nodes: isInput(step) ? [] : [{ args, kwargs: {} }],
        };
      }),
      input_layers: inputs.map((step): Json => [step.name, 0, 0]),
      output_layers: outputs.map((output): Json => [output, 0, 0]),
    },
  };
}

const input = (name: string, shape: readonly (number | null)[], config: JsonObject = {}): Step => ({
  name,
  className: 'InputLayer',
  config: { batch_shape: [null, ...shape], ...config },
});
const dense = (name: string, units: number, activation: string | null, from?: readonly string[]): Step => ({
  name,
  className: 'Dense',
  config: { units, activation: activation ?? 'linear' },
  ...(from ? { from } : {}),
});

/** A picture's 28 rows, read from the top to the bottom. */
export const convolutionAndGru = functional(
  'rows_conv_gru',
  [
    input('rows', [28, 28]),
    {
      name: 'conv',
      className: 'Conv1D',
      config: { filters: 48, kernel_size: [3], padding: 'same', activation: 'relu' },
    },
    { name: 'pool', className: 'MaxPooling1D', config: { pool_size: [2] } },
    { name: 'gru', className: 'GRU', config: { units: 64 } },
    dense('output', 10, 'softmax'),
  ],
  ['output'],
);

export const lstmOverRows = functional(
  'rows_lstm',
  [
    input('rows', [28, 28]),
    { name: 'lstm', className: 'LSTM', config: { units: 128 } },
    dense('output', 10, 'softmax'),
  ],
  ['output'],
);

const width = 48;

/** Post-norm, as the first transformer was. */
function encoder(number: number, from: string): Step[] {
  const own = (part: string) => `${part}_${number}`;
  return [
    {
      name: own('attention'),
      className: 'MultiHeadAttention',
      config: { num_heads: 4, key_dim: width / 4 },
      from: [from, from],
      positional: true,
    },
    { name: own('add_a'), className: 'Add', from: [from, own('attention')] },
    { name: own('norm_a'), className: 'LayerNormalization' },
    dense(own('wide'), 2 * width, 'relu'),
    dense(own('narrow'), width, null),
    { name: own('add_b'), className: 'Add', from: [own('norm_a'), own('narrow')] },
    { name: own('norm_b'), className: 'LayerNormalization' },
  ];
}

/** The bias of the first layer has a row for each place, which tells attention where a row stands. */
export const transformer = functional(
  'rows_transformer',
  [
    input('rows', [28, 28]),
    {
      name: 'embed_rows',
      className: 'EinsumDense',
      config: {
        equation: 'abc,cd->abd',
        output_shape: [28, width],
        bias_axes: 'bd',
        bias_initializer: { class_name: 'RandomNormal', config: { stddev: 0.1 } },
      },
    },
    ...encoder(1, 'embed_rows'),
    ...encoder(2, 'norm_b_1'),
    { name: 'mean', className: 'GlobalAveragePooling1D' },
    dense('output', 10, 'softmax'),
  ],
  ['output'],
);

/** The digit is read from the same few numbers that the copy is drawn from. */
export const autoencoder = functional(
  'autoencoder',
  [
    input('picture', [28, 28, 1]),
    { name: 'pixels', className: 'Flatten' },
    dense('encode', 128, 'relu'),
    dense('code', 24, 'relu'),
    dense('decode', 128, 'relu'),
    dense('copy', 784, 'sigmoid'),
    dense('digit', 10, 'softmax', ['code']),
  ],
  ['digit', 'copy'],
);

/** Keras's momentum of 0.99 would need a thousand steps before the test sees what the training saw. */
const norm = (name: string): Step => ({ name, className: 'BatchNormalization', config: { momentum: 0.9 } });

interface Block {
  filters: number;
  strides: number;
}

function residual({ filters, strides }: Block, from: string): Step[] {
  const own = (part: string) => `${part}_${filters}`;
  const conv = (name: string, size: number, step: number, source?: string): Step => ({
    name,
    className: 'Conv2D',
    config: { filters, kernel_size: [size, size], strides: [step, step], padding: 'same', use_bias: false },
    ...(source ? { from: [source] } : {}),
  });
  const shortcut = strides > 1 ? [conv(own('shortcut'), 1, strides, from)] : [];
  return [
    ...shortcut,
    conv(own('conv_a'), 3, strides, from),
    norm(own('norm_a')),
    { name: own('relu_a'), className: 'ReLU' },
    conv(own('conv_b'), 3, 1),
    norm(own('norm_b')),
    { name: own('add'), className: 'Add', from: [strides > 1 ? own('shortcut') : from, own('norm_b')] },
    { name: own('relu_b'), className: 'ReLU' },
  ];
}

export const smallResNet = functional(
  'small_resnet',
  [
    input('picture', [28, 28, 1]),
    {
      name: 'stem',
      className: 'Conv2D',
      config: { filters: 8, kernel_size: [3, 3], strides: [2, 2], padding: 'same', use_bias: false },
    },
    norm('stem_norm'),
    { name: 'stem_relu', className: 'ReLU' },
    ...residual({ filters: 8, strides: 1 }, 'stem_relu'),
    ...residual({ filters: 16, strides: 2 }, 'relu_b_8'),
    ...residual({ filters: 32, strides: 2 }, 'relu_b_16'),
    { name: 'mean', className: 'GlobalAveragePooling2D' },
    dense('output', 10, 'softmax'),
  ],
  ['output'],
);

/** Inputs take the columns that bear their names. The second output sees only the width of what it guesses the length of. */
export const twoInputsTwoOutputs = functional(
  'two_inputs_two_outputs',
  [
    input('petal_length', [1]),
    input('petal_width', [1]),
    dense('length_features', 8, 'relu', ['petal_length']),
    dense('width_features', 8, 'relu', ['petal_width']),
    { name: 'both', className: 'Concatenate', from: ['length_features', 'width_features'] },
    dense('hidden', 8, 'relu'),
    dense('kind', 3, 'softmax'),
    dense('guessed_length', 1, null, ['width_features']),
  ],
  ['kind', 'guessed_length'],
);

export const textReader = functional(
  'text_reader',
  [
    input('text', [1], { dtype: 'string' }),
    { name: 'words', className: 'TextVectorization', config: { max_tokens: 2000, output_sequence_length: 24 } },
    { name: 'embedding', className: 'Embedding', config: { input_dim: 2000, output_dim: 16, mask_zero: true } },
    { name: 'lstm', className: 'LSTM', config: { units: 32 } },
    dense('output', 2, 'softmax'),
  ],
  ['output'],
);
