/** Templates and shape inference of the fake engine: just enough to draw with. */
import type { Diagnosis, Diagnostic, Json, JsonObject, KerasModelJson, LayerReport } from '@trainyard/types';
import { fakeSchema } from './fakeSchema';

type Row = [className: string, config: JsonObject];

function chain(name: string, rows: Row[]): KerasModelJson {
  const layers = rows.map(([class_name, config], index) => {
    const previous = index === 0 ? null : `layer_${index - 1}`;
    const tensor = {
      class_name: '__keras_tensor__',
      config: { shape: null, dtype: 'float32', keras_history: [previous, 0, 0] },
    };
    const inbound: Json[] = previous === null ? [] : [{ args: [tensor], kwargs: {} }];
    return {
      module: 'keras.layers',
      class_name,
      registered_name: null,
      name: `layer_${index}`,
      config: { ...config, name: `layer_${index}` },
      inbound_nodes: inbound,
    };
  });
  const io = (index: number): Json => [[`layer_${index}`, 0, 0]];
  return {
    class_name: 'Functional',
    config: { name, layers, input_layers: io(0), output_layers: io(rows.length - 1) },
  };
}

const input: Row = ['InputLayer', { shape: [28, 28, 1] }];
const conv = (filters: number, size: number, padding = 'valid'): Row => [
  'Conv2D',
  { filters, kernel_size: [size, size], activation: 'relu', padding },
];
const pool: Row = ['MaxPooling2D', { pool_size: [2, 2] }];
const dense = (units: number, activation: string): Row => ['Dense', { units, activation }];

export const templates: Record<string, KerasModelJson> = {
  mlp: chain('mlp', [input, ['Flatten', {}], dense(128, 'relu'), dense(10, 'softmax')]),
  lenet5: chain('lenet5', [
    input,
    conv(6, 5, 'same'),
    pool,
    conv(16, 5),
    pool,
    ['Flatten', {}],
    dense(120, 'relu'),
    dense(84, 'relu'),
    dense(10, 'softmax'),
  ]),
  cnn: chain('cnn', [
    input,
    conv(32, 3),
    pool,
    conv(64, 3),
    pool,
    ['Flatten', {}],
    ['Dropout', { rate: 0.5 }],
    dense(10, 'softmax'),
  ]),
};

interface Entry {
  id: string;
  name: string;
  class_name: string;
  config: JsonObject;
  inbound: string[];
}

function entries(model: KerasModelJson): Entry[] {
  const config = model['config'] as {
    layers: { id?: string; name: string; class_name: string; config: JsonObject; inbound_nodes: { args: Json[] }[] }[];
  };
  return config.layers.map((layer) => {
    const tensors = (layer.inbound_nodes[0]?.args ?? []).flat() as {
      config: { keras_history: [string, number, number] };
    }[];
    return { ...layer, id: layer.id ?? layer.name, inbound: tensors.map((tensor) => tensor.config.keras_history[0]) };
  });
}

type Sizes = (number | null)[];
const product = (shape: Sizes) => shape.reduce<number>((all, size) => all * (size ?? 1), 1);
const number = (value: Json | undefined, fallback: number) => (typeof value === 'number' ? value : fallback);
const pair = (value: Json | undefined, fallback: number) => number(Array.isArray(value) ? value[0] : value, fallback);

function measure(entry: Entry, x: Sizes): { shape: Sizes; params: number; macs: number; problem?: [string, string] } {
  const { config } = entry;
  switch (entry.class_name) {
    case 'InputLayer':
      return { shape: config['shape'] as Sizes, params: 0, macs: 0 };
    case 'Dense': {
      const units = number(config['units'], 0);
      const last = x[x.length - 1] ?? 1;
      if (units < 1) return { shape: [], params: 0, macs: 0, problem: ['units', 'must be at least 1'] };
      return { shape: [...x.slice(0, -1), units], params: last * units + units, macs: product(x) * units };
    }
    case 'Conv2D':
    case 'MaxPooling2D':
    case 'AveragePooling2D': {
      if (x.length !== 3)
        return {
          shape: [],
          params: 0,
          macs: 0,
          problem: ['', `takes pictures (height × width × channels); it gets ${x.join(' × ')}`],
        };
      const isConv = entry.class_name === 'Conv2D';
      const size = pair(isConv ? config['kernel_size'] : config['pool_size'], 2);
      const stride = isConv ? pair(config['strides'], 1) : size;
      const sides = x
        .slice(0, 2)
        .map((side) =>
          config['padding'] === 'same'
            ? Math.ceil((side ?? 1) / stride)
            : Math.floor(((side ?? 1) - size) / stride) + 1,
        );
      const filters = isConv ? number(config['filters'], 1) : (x[2] ?? 1);
      if (sides.some((side) => side < 1))
        return {
          shape: [],
          params: 0,
          macs: 0,
          problem: ['kernel_size', `is larger than its input (${x.join(' × ')})`],
        };
      const params = isConv ? size * size * (x[2] ?? 1) * filters + filters : 0;
      return {
        shape: [...sides, filters],
        params,
        macs: isConv ? product([...sides, filters]) * size * size * (x[2] ?? 1) : 0,
      };
    }
    case 'Flatten':
      return { shape: [product(x)], params: 0, macs: 0 };
    default:
      return { shape: x, params: 0, macs: 0 };
  }
}

const mistake = (entry: Entry, index: number, arg: string, text: string): Diagnostic => ({
  code: 'fake.mistake',
  severity: 'error',
  path: `layers[${index}]${arg ? `.${arg}` : ''}`,
  node: entry.id,
  arg: arg || null,
  message: `${entry.name}${arg ? `.${arg}` : ''}: ${text}.`,
  fix: '',
  params: {},
});

export function fakeDiagnosis(model: KerasModelJson, revision: number): Diagnosis {
  const shapes = new Map<string, Sizes>();
  const diagnostics: Diagnostic[] = [];
  const layers: LayerReport[] = entries(model).map((entry, index) => {
    const schema = fakeSchema.groups.layers.find((item) => item.class_name === entry.class_name);
    const base = {
      id: entry.id,
      name: entry.name,
      class_name: entry.class_name,
      family: schema?.family ?? 'core',
      inbound: entry.inbound,
    };
    const x = shapes.get(entry.inbound[0] ?? '');
    const isSource = schema?.inputs?.min === 0;
    if (!isSource && entry.inbound.length === 0)
      diagnostics.push(mistake(entry, index, '', 'nothing leads into it; connect a layer to its top'));
    const measured = isSource || x ? measure(entry, x ?? []) : null;
    if (measured?.problem) diagnostics.push(mistake(entry, index, measured.problem[0], measured.problem[1]));
    const ok = measured && !measured.problem;
    if (ok) shapes.set(entry.name, measured.shape);
    const params = measured?.params ?? 0;
    return {
      ...base,
      output_shapes: ok ? [[null, ...measured.shape]] : [],
      params,
      trainable_params: params,
      macs: measured?.macs ?? 0,
      activation_bytes: ok ? product(measured.shape) * 4 : 0,
    };
  });
  const sum = (key: 'params' | 'macs' | 'activation_bytes') => layers.reduce((total, layer) => total + layer[key], 0);
  const last = layers[layers.length - 1];
  return {
    revision,
    ok: diagnostics.length === 0 && layers.length > 0,
    diagnostics,
    layers,
    totals: {
      params: sum('params'),
      trainable_params: sum('params'),
      macs: sum('macs'),
      training_bytes: sum('activation_bytes') * 128 + sum('params') * 16,
    },
    inputs: [],
    outputs: last ? [{ name: last.name, shape: last.output_shapes[0] ?? [], dtype: 'float32' }] : [],
  };
}
