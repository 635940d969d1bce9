import { describe, expect, test } from 'vitest';
import type { JsonObject } from '@trainyard/types';
import { fromKeras, ModelFormatError, toKeras } from '../../src/graph/keras';
import { forKeras } from '../../src/graph/operations';
import { inEdges, type Layer } from '../../src/graph/types';
import { templates } from '../../src/testing/fakeModels';

const isInput = (layer: Layer) => layer.className === 'InputLayer';
const tensor = (layer: string, call = 0, index = 0) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 4], dtype: 'float32', keras_history: [layer, call, index] },
});
const layer = (class_name: string, name: string, inbound_nodes: JsonObject[], config: JsonObject = {}) => ({
  module: 'keras.layers',
  class_name,
  registered_name: null,
  name,
  config: { ...config, name },
  inbound_nodes,
});
const call = (...args: unknown[]) => ({ args, kwargs: {} }) as unknown as JsonObject;
const model = (layers: JsonObject[], inputs: unknown, outputs: unknown) =>
  ({
    class_name: 'Functional',
    config: { name: 'm', layers, input_layers: inputs, output_layers: outputs },
  }) as unknown as JsonObject;

/** Two branches of one shared layer, added up. */
const siamese = model(
  [
    layer('InputLayer', 'left', []),
    layer('InputLayer', 'right', []),
    layer('Dense', 'shared', [call(tensor('left')), call(tensor('right'))], { units: 3 }),
    layer('Add', 'sum', [call([tensor('shared', 1), tensor('shared', 0)])]),
  ],
  [
    ['right', 0, 0],
    ['left', 0, 0],
  ],
  [['sum', 0, 0]],
);

const layersOf = (json: JsonObject) => (json['config'] as JsonObject)['layers'] as JsonObject[];
const configOf = (json: JsonObject) => json['config'] as JsonObject;

describe('reading a Functional model', () => {
  test('makes a node of every call, and one layer of a shared layer', () => {
    const doc = fromKeras(siamese);
    expect(Object.keys(doc.layers)).toHaveLength(4);
    expect(Object.keys(doc.nodes)).toHaveLength(5);
    expect(Object.values(doc.nodes).filter((node) => node.layer === 'shared')).toHaveLength(2);
  });

  test('keeps the order of a merge’s inputs', () => {
    const doc = fromKeras(siamese);
    expect(inEdges(doc, 'sum').map((edge) => edge.source)).toEqual(['shared@1', 'shared']);
  });

  test('moves the name out of the config and keeps the other arguments', () => {
    const doc = fromKeras(siamese);
    expect(doc.layers['shared']?.name).toBe('shared');
    expect(doc.layers['shared']?.config).toEqual({ units: 3 });
  });

  test('takes a single terminal that is not wrapped in a list', () => {
    const doc = fromKeras(model([layer('InputLayer', 'a', [])], ['a', 0, 0], ['a', 0, 0]));
    expect(doc.settings['model.inputs']?.value).toEqual(['a:0']);
  });

  test('places every node where no other stands', () => {
    const places = Object.values(fromKeras(siamese).nodes).map((node) => `${node.x},${node.y}`);
    expect(new Set(places).size).toBe(places.length);
  });

  test.each([
    ['no config', { class_name: 'Functional' }, /holds no Keras model/],
    ['a layer without a class', model([{ config: {} }], [], []), /layers\[0\]: has no class_name/],
    ['an unknown source', model([layer('Dense', 'd', [call(tensor('ghost'))])], [], []), /“ghost”/],
    [
      'a call of the old format',
      model([layer('Dense', 'd', [[['a', 0, 0, {}]] as unknown as JsonObject])], [], []),
      /layers\[0\]\.inbound_nodes\[0\]/,
    ],
    ['an argument that is no tensor', model([layer('Dense', 'd', [call(3)])], [], []), /only tensors/],
  ])('refuses %s and says where', (_what, json, message) => {
    expect(() => fromKeras(json)).toThrow(ModelFormatError);
    expect(() => fromKeras(json)).toThrow(message);
  });
});

describe('writing a Functional model', () => {
  test('gives back what was read', () => {
    const again = toKeras(fromKeras(siamese), isInput, { name: 'm' });
    const strip = (json: JsonObject) =>
      layersOf(json).map(
        ({ id: _id, ...rest }) =>
          JSON.parse(JSON.stringify(rest).replace(/"shape":(null|\[null,4\])/g, '"shape":0')) as JsonObject,
      );
    expect(strip(again)).toEqual(strip(siamese));
    expect(configOf(again)['input_layers']).toEqual(configOf(siamese)['input_layers']);
    expect(configOf(again)['output_layers']).toEqual(configOf(siamese)['output_layers']);
  });

  test('writes several tensors as one list, as merging layers take them', () => {
    const json = toKeras(fromKeras(siamese), isInput);
    const sum = layersOf(json).find((entry) => entry['name'] === 'sum');
    const [args] = (sum?.['inbound_nodes'] as { args: unknown[] }[]).map((node) => node.args);
    expect(args).toHaveLength(1);
    expect(args?.[0]).toHaveLength(2);
  });

  test('keeps tensors that came as separate arguments separate', () => {
    const attention = model(
      [
        layer('InputLayer', 'q', []),
        layer('InputLayer', 'v', []),
        layer('MultiHeadAttention', 'mha', [call(tensor('q'), tensor('v'))]),
      ],
      [],
      [],
    );
    const json = toKeras(fromKeras(attention), isInput);
    const [node] = layersOf(json).find((entry) => entry['name'] === 'mha')?.['inbound_nodes'] as { args: unknown[] }[];
    expect(node?.args).toHaveLength(2);
  });

  test('carries the node ids, so that diagnostics find their node', () => {
    const doc = fromKeras(siamese);
    expect(layersOf(toKeras(doc, isInput)).map((entry) => entry['id'])).toEqual(
      expect.arrayContaining(Object.keys(doc.layers)),
    );
  });

  test('takes a node that nothing follows as an output', () => {
    const doc = fromKeras(templates['mlp'] ?? {});
    expect(configOf(toKeras(doc, isInput))['output_layers']).toEqual([['layer_3', 0, 0]]);
  });

  test('does not keep an old output once something follows it', () => {
    const doc = fromKeras(templates['mlp'] ?? {});
    const more = {
      ...doc,
      layers: { ...doc.layers, x: { id: 'x', className: 'Dense', name: 'x', config: {}, extra: {} } },
      nodes: { ...doc.nodes, x: { id: 'x', layer: 'x', x: 0, y: 900, form: 'auto' as const, kwargs: {} } },
      edges: { ...doc.edges, e: { id: 'e', source: 'layer_3', tensor: 0, target: 'x', order: 0 } },
    };
    expect(configOf(toKeras(more, isInput))['output_layers']).toEqual([['x', 0, 0]]);
  });

  test('keeps an output in the middle that the opened model named', () => {
    const twice = model(
      [
        layer('InputLayer', 'a', []),
        layer('Dense', 'b', [call(tensor('a'))]),
        layer('Dense', 'c', [call(tensor('b'))]),
      ],
      [['a', 0, 0]],
      [
        ['b', 0, 0],
        ['c', 0, 0],
      ],
    );
    expect(configOf(toKeras(fromKeras(twice), isInput))['output_layers']).toEqual([
      ['b', 0, 0],
      ['c', 0, 0],
    ]);
  });
});

describe('operations of Keras', () => {
  const mark = (input: number) => ({ class_name: '__input__', config: { input } });
  const drawn = {
    ...layer('ops.Where', 'pick', [call(tensor('a'), tensor('b'))]),
    module: 'keras.src.ops.numpy',
    operation_call: { args: [mark(1), mark(0), -1], kwargs: { x: [mark(0)] } },
  };
  const whole = model([layer('InputLayer', 'a', []), layer('InputLayer', 'b', []), drawn], ['a', 0, 0], ['pick', 0, 0]);

  test('keep the arguments that are not drawn', () => {
    const layers = configOf(toKeras(fromKeras(whole), isInput))['layers'];
    const { operation_call, module, class_name } = (layers as JsonObject[])[2] ?? {};
    expect({ operation_call, module, class_name }).toEqual({
      operation_call: drawn.operation_call,
      module: 'keras.src.ops.numpy',
      class_name: 'ops.Where',
    });
  });

  test('are saved as Keras writes them', () => {
    const layers = configOf(forKeras(whole))['layers'];
    const saved = (layers as JsonObject[])[2] ?? {};
    expect(saved['class_name']).toBe('Where');
    expect(saved['operation_call']).toBeUndefined();
    expect(saved['inbound_nodes']).toEqual([{ args: [tensor('b'), tensor('a'), -1], kwargs: { x: [tensor('a')] } }]);
  });
});
