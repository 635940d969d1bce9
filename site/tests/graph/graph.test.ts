import { describe, expect, test } from 'vitest';
import { layout } from '../../src/graph/layout';
import { nameProblem, snakeCase, uniqueName } from '../../src/graph/names';
import { fromKeras } from '../../src/graph/keras';
import { reaches, topologicalOrder, walk } from '../../src/graph/topology';
import { emptyDoc, nodeSize, type Doc } from '../../src/graph/types';
import { templates } from '../../src/testing/fakeModels';

/** a -> b, a -> c, b -> d, c -> d */
function diamond(): Doc {
  const node = (id: string) => [id, { id, layer: id, x: 0, y: 0, form: 'auto' as const, kwargs: {} }] as const;
  const layer = (id: string) => [id, { id, className: 'Dense', name: id, config: {}, extra: {} }] as const;
  const edge = (source: string, target: string, order = 0) =>
    [source + target, { id: source + target, source, tensor: 0, target, order }] as const;
  const ids = ['d', 'c', 'b', 'a'];
  const doc: Doc = {
    ...emptyDoc,
    layers: Object.fromEntries(ids.map(layer)),
    nodes: Object.fromEntries(ids.map(node)),
    edges: Object.fromEntries([edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd', 1)]),
  };
  const places = layout(doc);
  return {
    ...doc,
    nodes: Object.fromEntries(Object.values(doc.nodes).map((item) => [item.id, { ...item, ...places[item.id] }])),
  };
}

describe('the order of nodes', () => {
  test('puts sources before targets', () => {
    const order = topologicalOrder(diamond());
    expect(order[0]).toBe('a');
    expect(order[3]).toBe('d');
  });

  test('still names every node of a cycle', () => {
    const doc = diamond();
    const looped = { ...doc, edges: { ...doc.edges, da: { id: 'da', source: 'd', tensor: 0, target: 'a', order: 0 } } };
    expect(topologicalOrder(looped).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('knows what leads where', () => {
    expect(reaches(diamond(), 'a', 'd')).toBe(true);
    expect(reaches(diamond(), 'd', 'a')).toBe(false);
    expect(reaches(diamond(), 'b', 'c')).toBe(false);
  });
});

describe('the layout', () => {
  test('puts every node below what it depends on', () => {
    const doc = diamond();
    for (const edge of Object.values(doc.edges)) {
      expect(doc.nodes[edge.target]?.y).toBeGreaterThanOrEqual((doc.nodes[edge.source]?.y ?? 0) + nodeSize.height);
    }
  });

  test('lays branches side by side, centred below their source', () => {
    const { nodes } = diamond();
    const middle = ((nodes['b']?.x ?? 0) + (nodes['c']?.x ?? 0)) / 2;
    expect(Math.abs((nodes['b']?.x ?? 0) - (nodes['c']?.x ?? 0))).toBeGreaterThan(nodeSize.width);
    expect(middle).toBeCloseTo(nodes['a']?.x ?? NaN);
    expect(nodes['d']?.x).toBeCloseTo(middle);
  });

  test('keeps a chain straight', () => {
    const doc = fromKeras(templates['lenet5'] ?? {});
    expect(new Set(Object.values(doc.nodes).map((node) => node.x)).size).toBe(1);
  });
});

describe('walking with the arrow keys', () => {
  test('follows the edges down and up', () => {
    const doc = diamond();
    expect(walk(doc, 'b', 'down')).toBe('d');
    expect(walk(doc, 'b', 'up')).toBe('a');
    expect(walk(doc, 'a', 'up')).toBeNull();
  });

  test('goes to the neighbour at the same height', () => {
    const doc = diamond();
    const [left, right] = (doc.nodes['b']?.x ?? 0) < (doc.nodes['c']?.x ?? 0) ? ['b', 'c'] : ['c', 'b'];
    expect(walk(doc, left, 'right')).toBe(right);
    expect(walk(doc, right, 'left')).toBe(left);
  });

  test('begins at the first node', () => {
    expect(walk(diamond(), null, 'down')).toBe('a');
    expect(walk(emptyDoc, null, 'down')).toBeNull();
  });
});

describe('names', () => {
  test.each([
    ['MaxPooling2D', 'max_pooling2d'],
    ['Dense', 'dense'],
    ['Conv2DTranspose', 'conv2d_transpose'],
    ['BatchNormalization', 'batch_normalization'],
    ['LSTM', 'lstm'],
  ])('%s becomes %s, as Keras says it', (className, name) => {
    expect(snakeCase(className)).toBe(name);
  });

  test('are numbered where taken', () => {
    expect(uniqueName(['dense'], 'dense')).toBe('dense_1');
    expect(uniqueName(['dense', 'dense_1'], 'dense_1')).toBe('dense_2');
    expect(uniqueName([], 'dense')).toBe('dense');
  });

  test('are refused when empty, taken or with a slash', () => {
    const doc = diamond();
    expect(nameProblem(doc, 'a', ' ')).not.toBeNull();
    expect(nameProblem(doc, 'a', 'x/y')).toMatch('/');
    expect(nameProblem(doc, 'a', 'b')).toMatch('b');
    expect(nameProblem(doc, 'a', 'a')).toBeNull();
  });
});
