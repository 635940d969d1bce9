/**
 * What a layer begins with when it is added: small values that work, by the argument's name in Keras, which means the same in every
 * layer. Only here, and in the templates, is a layer named.
 */
import type { ArgSchema, ClassSchema, Json, JsonObject } from '@trainyard/types';
import { makeReference, starterValue, type Catalog } from './catalog';
import { isObject } from './json';

/** What the new layer will be given: the shape with the batch, where it is known. */
export type IncomingShape = readonly (number | null)[] | null;

const byName: Readonly<Record<string, Json>> = {
  filters: 16,
  pool_size: 2,
  rate: 0.25,
  scale: 1 / 255,
  offset: 0,
  stddev: 0.1,
  n: 4,
  input_dim: 1000,
  output_dim: 16,
  num_heads: 4,
  key_dim: 16,
  head_dim: 16,
  num_query_heads: 4,
  num_key_value_heads: 2,
  num_bins: 64,
  max_number: 10,
  factor: 0.1,
  height_factor: 0.1,
  width_factor: 0.1,
  axes: -1,
  target_shape: [-1],
};

/** The layers inside a layer, and what callbacks begin with. */
const byClass: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  Bidirectional: { layer: ['LSTM'] },
  TimeDistributed: { layer: ['Dense'] },
  SpectralNormalization: { layer: ['Dense'] },
  RNN: { cell: ['LSTMCell'] },
  StackedRNNCells: { cells: ['LSTMCell', 'LSTMCell'] },
  Pipeline: { layers: ['RandomTranslation', 'RandomRotation'] },
  GroupNormalization: { groups: 1 },
  RandomPosterization: { factor: 4 },
  CategoryEncoding: { num_tokens: 10 },
  Discretization: { num_bins: 8 },
  Hashing: { num_bins: 64 },
  IntegerLookup: { max_tokens: 100 },
  StringLookup: { max_tokens: 1000 },
  TextVectorization: { max_tokens: 1000, output_sequence_length: 32 },
  EarlyStopping: { patience: 3, restore_best_weights: true },
  ReduceLROnPlateau: { patience: 2, factor: 0.5 },
  ModelCheckpoint: { filepath: 'best.safetensors', save_best_only: true },
  CSVLogger: { filename: 'log.csv' },
  LearningRateScheduler: {
    schedule: makeReference('schedules', 'ExponentialDecay', {
      initial_learning_rate: 0.001,
      decay_steps: 1,
      decay_rate: 0.9,
    }),
  },
};

const letters = 'abcdefghijk';
const known = (size: number | null | undefined, fallback: number): number =>
  typeof size === 'number' && size > 0 ? size : fallback;

/** Values that depend on what comes in: a dense layer over the last axis for any rank, the picture's own size, all axes in order. */
const byShape: Readonly<Record<string, (shape: readonly (number | null)[], arg: ArgSchema) => Json>> = {
  equation: (shape) => {
    const all = letters.slice(0, shape.length);
    const out = letters[shape.length] ?? 'z';
    return `${all},${all.slice(-1)}${out}->${all.slice(0, -1)}${out}`;
  },
  output_shape: (shape) => [...shape.slice(1, -1), 32],
  height: (shape) => known(shape[1], 28),
  width: (shape) => known(shape[2], 28),
  dims: (shape) => shape.slice(1).map((_, axis) => axis + 1),
  output_size: (shape, arg) =>
    Array.from({ length: arg.length ?? 1 }, (_, axis) => Math.ceil(known(shape[axis + 1], 4) / 2)),
};

const asked: readonly (number | null)[] = [null, 16];

/** A layer inside a layer, by its class name. */
function inner(className: string, catalog: Catalog): Json {
  const item = catalog.layers.get(className);
  return item ? makeReference('layers', item.class_name, starterConfig(item, catalog)) : null;
}

function ofClass(item: ClassSchema, arg: ArgSchema, catalog: Catalog): Json | undefined {
  const value = byClass[item.class_name]?.[arg.name];
  if (arg.group !== 'layers' || !Array.isArray(value)) return value;
  const layers = value.map((name) => (typeof name === 'string' ? inner(name, catalog) : null));
  return arg.kind === 'reference' ? (layers[0] ?? null) : layers;
}

function starter(item: ClassSchema, arg: ArgSchema, catalog: Catalog, shape: IncomingShape): Json {
  const own = ofClass(item, arg, catalog);
  if (own !== undefined) return own;
  const shaped = byShape[arg.name];
  if (shaped) return shaped(shape ?? asked, arg);
  const value = byName[arg.name];
  if (value === undefined) return starterValue(arg, catalog);
  return arg.kind === 'int_tuple' ? Array.from({ length: arg.length ?? 2 }, () => value) : value;
}

const boxFormat = 'bounding_box_format';

/** A layer that goes on with a dictionary reads its boxes as the layer before it does. */
export function readingBoxes(item: ClassSchema, config: JsonObject, before: JsonObject | undefined): JsonObject {
  const format = before?.[boxFormat] ?? null;
  const takes = item.args.some((arg) => arg.name === boxFormat);
  return takes && format !== null && !(boxFormat in config) ? { ...config, [boxFormat]: format } : config;
}

const sequences = 'return_sequences';

/** A layer that stands between two others goes on giving sequences, so that the one after it still gets one. */
export function keepingSequences(item: ClassSchema, config: JsonObject): JsonObject {
  if (item.args.some((arg) => arg.name === sequences)) return { ...config, [sequences]: true };
  const { layer } = config;
  if (!isObject(layer) || !isObject(layer['config']) || !('units' in layer['config'])) return config;
  // Bidirectional: its layer decides. Dense layers, which have units too, have no such argument and are none of the recurrent family.
  return item.family === 'recurrent' && layer['class_name'] !== 'Dense'
    ? { ...config, layer: { ...layer, config: { ...layer['config'], [sequences]: true } } }
    : config;
}

/** The arguments a new object of this class starts with; the rest keep their defaults unsaid. */
export function starterConfig(item: ClassSchema, catalog: Catalog, shape: IncomingShape = null): JsonObject {
  const config: JsonObject = {};
  const special = byClass[item.class_name] ?? {};
  for (const arg of item.args)
    if (arg.name !== 'name' && (arg.required || arg.name in special))
      config[arg.name] = starter(item, arg, catalog, shape);
  return config;
}
