import { describe, expect, test } from 'vitest';
import type { ArgSchema, DatasetInfo, Diagnosis, LayerReport } from '@trainyard/types';
import { adaptToData, readableInputs, sameSize, withInputShape } from '../../src/graph/adapt';
import { isVisible, makeCatalog, makeReference, maxInputs } from '../../src/graph/catalog';
import { starterConfig } from '../../src/graph/starters';
import { fromKeras } from '../../src/graph/keras';
import { isWhole, problemsOf, reportOf, shapesOf, shareOf } from '../../src/graph/reports';
import { formatBytes, formatCount, formatSeconds, formatShape, summaryLine } from '../../src/graph/summary';
import type { GraphNode } from '../../src/graph/types';
import { fakeSchema } from '../../src/testing/fakeSchema';
import { fakeDiagnosis, templates } from '../../src/testing/fakeModels';

const catalog = makeCatalog(fakeSchema);
const item = (name: string) => {
  const found = catalog.layers.get(name);
  if (!found) throw new Error(name);
  return found;
};

describe('the catalog', () => {
  test('finds classes by name and by alias', () => {
    expect(catalog.optimizers.get('adam')).toBe(catalog.optimizers.get('Adam'));
  });

  test('knows how many inputs a layer takes', () => {
    expect(maxInputs(item('InputLayer'))).toBe(0);
    expect(maxInputs(item('Dense'))).toBe(1);
    expect(maxInputs(item('Add'))).toBe(Infinity);
  });

  test('starts a layer with its required arguments only, each in range', () => {
    const config = starterConfig(item('Conv2D'), catalog);
    expect(Object.keys(config)).toEqual(['filters', 'kernel_size']);
    expect(config['kernel_size']).toEqual([3, 3]);
    expect(starterConfig(item('Dropout'), catalog)['rate']).toBe(0.25);
    expect(starterConfig(item('Activation'), catalog)['activation']).toBe('relu');
  });

  test('hides an argument while another one’s value says so', () => {
    const dense = item('Dense');
    const arg: ArgSchema = {
      ...(dense.args[0] as ArgSchema),
      name: 'extra',
      visible_when: { arg: 'use_bias', values: [true] },
    };
    expect(isVisible(arg, dense, {})).toBe(true);
    expect(isVisible(arg, dense, { use_bias: false })).toBe(false);
  });

  test('writes a bare name for an activation and an object for the rest', () => {
    expect(makeReference('activations', 'relu', {})).toBe('relu');
    expect(makeReference('initializers', 'Zeros', {})).toEqual({
      module: 'keras.initializers',
      class_name: 'Zeros',
      config: {},
      registered_name: null,
    });
  });
});

describe('the words on a node', () => {
  test('name the arguments that matter', () => {
    expect(summaryLine(item('Conv2D'), { filters: 32, kernel_size: [3, 3], activation: 'relu' })).toBe(
      '32 · 3×3 · relu',
    );
    expect(summaryLine(item('Conv2D'), { filters: 32, kernel_size: [3, 3] })).toBe('32 · 3×3');
    expect(summaryLine(item('Dense'), { units: 4, activation: { class_name: 'relu', config: {} } })).toBe('4 · relu');
  });

  test('leave out the batch in a shape', () => {
    expect(formatShape([null, 28, 28, 1])).toBe('28 × 28 × 1');
    expect(formatShape([null, null, 3])).toBe('? × 3');
    expect(formatShape([null])).toBe('one number');
  });

  test.each([
    [850, '850'],
    [9999, '9,999'],
    [61706, '61.7k'],
    [416520, '417k'],
    [12_345_678, '12.3M'],
  ])('%d is counted as %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  test('tell time and bytes with their units', () => {
    expect(formatSeconds(0.0123)).toBe('12 ms');
    expect(formatSeconds(8.04)).toBe('8.0 s');
    expect(formatSeconds(80)).toBe('1 min 20 s');
    expect(formatSeconds(7500)).toBe('2 h 5 min');
    expect(formatSeconds(NaN)).toBe('–');
    expect(formatBytes(5 * 1024 * 1024)).toBe('5.0 MB');
  });
});

describe('reports', () => {
  test('are found by the node’s id, with their problems', () => {
    const lenet = templates['lenet5'] ?? {};
    const broken = JSON.parse(JSON.stringify(lenet).replace('"units":84', '"units":0')) as typeof lenet;
    const diagnosis = fakeDiagnosis(broken, 1);
    expect(diagnosis.ok).toBe(false);
    expect(problemsOf(diagnosis, 'layer_7').map((problem) => problem.arg)).toEqual(['units']);
    expect(problemsOf(diagnosis, 'layer_1')).toEqual([]);
    expect(reportOf(diagnosis, 'layer_1')?.output_shapes[0]).toEqual([null, 28, 28, 6]);
  });

  test('tell mistakes of the network from those of its data and training', () => {
    const diagnosis = fakeDiagnosis(templates['lenet5'] ?? {}, 1);
    const mistake = (path: string, node: string | null): Diagnosis => ({
      ...diagnosis,
      ok: false,
      diagnostics: [{ code: 'x', severity: 'error', path, node, arg: null, message: '', fix: '', params: {} }],
    });
    expect(isWhole(diagnosis)).toBe(true);
    expect(isWhole(mistake('data', null))).toBe(true);
    expect(isWhole(mistake('loss', null))).toBe(true);
    expect(isWhole(mistake('layers[3].units', 'layer_3'))).toBe(false);
    expect(isWhole(mistake('output_layers', null))).toBe(false);
    expect(isWhole({ ...diagnosis, layers: [] })).toBe(false);
    expect(isWhole(null)).toBe(false);
  });

  test('of a shared layer hold the shapes of all its calls', () => {
    const doc = fromKeras(templates['mlp'] ?? {});
    const again = { ...doc.nodes['layer_2'], id: 'again' } as GraphNode;
    const twice = { ...doc, nodes: { ...doc.nodes, again } };
    const report = reportOf(fakeDiagnosis(templates['mlp'] ?? {}, 1), 'layer_2');
    const both = {
      ...report,
      output_shapes: [
        [null, 1],
        [null, 2],
        [null, 3],
        [null, 4],
      ],
    } as LayerReport;
    expect(shapesOf(both, twice, 'layer_2')).toEqual([
      [null, 1],
      [null, 2],
    ]);
    expect(shapesOf(both, twice, 'again')).toEqual([
      [null, 3],
      [null, 4],
    ]);
    expect(shapesOf(both, doc, 'layer_2')).toHaveLength(4);
    expect(shapesOf(undefined, doc, 'layer_2')).toEqual([]);
  });

  test('share the work out to one', () => {
    const diagnosis = fakeDiagnosis(templates['lenet5'] ?? {}, 1);
    const sum = diagnosis.layers.reduce((total, layer) => total + shareOf(diagnosis, layer.id), 0);
    expect(sum).toBeCloseTo(1);
  });
});

test('fitting a network to data sets its input’s shape and its last layer’s count', () => {
  const iris: DatasetInfo = {
    name: 'iris',
    input_shape: [4],
    train_count: 120,
    test_count: 30,
    labels: ['a', 'b', 'c'],
    class_counts: [],
    features: [],
    bytes: 0,
  };
  const doc = adaptToData(fromKeras(templates['mlp'] ?? {}), catalog, iris);
  expect(doc.layers['layer_0']?.config['shape']).toEqual([4]);
  expect(doc.layers['layer_3']?.config['units']).toBe(3);
  expect(doc.layers['layer_2']?.config['units']).toBe(128);
});

test('a network that told classes tells a number where the data has no classes, and back', () => {
  const prices = { input_shape: [3], labels: [] as string[] } as Parameters<typeof adaptToData>[2];
  const kinds = { input_shape: [3], labels: ['a', 'b', 'c'] } as Parameters<typeof adaptToData>[2];
  const classes = adaptToData(fromKeras(templates['mlp'] ?? {}), catalog, kinds);
  expect(classes.layers['layer_3']?.config).toMatchObject({ units: 3, activation: 'softmax' });
  const number = adaptToData(classes, catalog, prices);
  expect(number.layers['layer_3']?.config).toMatchObject({ units: 1, activation: 'linear' });
  expect(number.layers['layer_2']?.config).toMatchObject({ activation: 'relu' });
  expect(adaptToData(number, catalog, kinds).layers['layer_3']?.config).toMatchObject({
    units: 3,
    activation: 'softmax',
  });
});

test('a network takes samples of as many values as its input has', () => {
  expect(sameSize([784], [28, 28, 1])).toBe(true);
  expect(sameSize([28, 28, 1], [4])).toBe(false);
  expect(sameSize([null, null, 3], [32, 32, 3])).toBe(true);
});

test('an input’s shape is said with the batch where its class wants it so', () => {
  const input = item('InputLayer');
  const withBatch = {
    ...input,
    args: input.args.map((arg) => (arg.kind === 'shape' ? { ...arg, name: 'batch_shape' } : arg)),
  };
  expect(withInputShape(input, { batch_shape: [null, 4] }, [28, 28, 1])).toEqual({ shape: [28, 28, 1] });
  expect(withInputShape(withBatch, {}, [4])).toEqual({ batch_shape: [null, 4] });
});

test('an opened input shows its shape without the open batch', () => {
  const doc = fromKeras(templates['mlp'] ?? {});
  const layer = doc.layers['layer_0'];
  if (!layer) throw new Error('no input');
  const full = { ...doc, layers: { ...doc.layers, layer_0: { ...layer, config: { batch_shape: [null, 4] } } } };
  expect(readableInputs(full, catalog).layers['layer_0']?.config).toEqual({ shape: [4] });
  const fixed = { ...doc, layers: { ...doc.layers, layer_0: { ...layer, config: { batch_shape: [8, 4] } } } };
  expect(readableInputs(fixed, catalog).layers['layer_0']?.config).toEqual({ batch_shape: [8, 4] });
});
