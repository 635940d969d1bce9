import { describe, expect, test } from 'vitest';
import { emptyCurve } from '../../src/state/curve';
import { fromKeras } from '../../src/graph/keras';
import { nodeSize } from '../../src/graph/types';
import { edgeAt, flowEdges, flowNodes, selectionAfter } from '../../src/places/network/flow';
import { bestMatch, searchLayers } from '../../src/places/network/paletteSearch';
import { leastZoom, mostZoom, zoomedAbout } from '../../src/places/network/pinch';
import { addPoint, penWidth } from '../../src/places/test/ink';
import { lineOf, rasterise } from '../../src/places/test/raster';
import { apart, chartColumns, lastValue, valueNear } from '../../src/places/train/chartData';
import { fakeSchema } from '../../src/testing/fakeSchema';
import { templates } from '../../src/testing/fakeModels';

describe('searching layers', () => {
  const search = (text: string) =>
    searchLayers(fakeSchema.groups.layers, text).flatMap((group) => group.items.map((item) => item.class_name));

  test('finds by part of the name, the beginning first', () => {
    expect(search('dro')[0]).toBe('Dropout');
    expect(search('pooling')).toEqual(expect.arrayContaining(['MaxPooling2D', 'AveragePooling2D']));
    expect(search('max pool')).toEqual(['MaxPooling2D']);
  });

  test('finds by family, and all when nothing is written', () => {
    expect(search('2d convolution')).toEqual(['Conv2D']);
    expect(search('merging')).toEqual(['Add', 'Concatenate']);
    expect(search('')).toHaveLength(fakeSchema.groups.layers.length);
    expect(bestMatch(searchLayers(fakeSchema.groups.layers, 'xyzzy'))).toBeNull();
  });
});

describe('the canvas', () => {
  const doc = fromKeras(templates['mlp'] ?? {});

  test('shows every node and edge of the document', () => {
    expect(flowNodes(doc, null, ['layer_1'], {}).map((node) => [node.id, node.selected])).toContainEqual([
      'layer_1',
      true,
    ]);
    expect(flowEdges(doc, [], null)).toHaveLength(3);
  });

  test('shows a dragged node where the hand is', () => {
    const [node] = flowNodes(doc, null, [], { layer_0: { x: 5, y: 6 } });
    expect(node?.position).toEqual({ x: 5, y: 6 });
  });

  test('follows xyflow’s selection, and keeps the same list when nothing changes', () => {
    const selected = ['a'];
    expect(selectionAfter(selected, [{ type: 'select', id: 'b', selected: true }])).toEqual(['a', 'b']);
    expect(selectionAfter(selected, [{ type: 'select', id: 'a', selected: true }])).toBe(selected);
  });

  test('finds the edge under a dropped layer', () => {
    const node = doc.nodes['layer_1'];
    const between = { x: (node?.x ?? 0) + nodeSize.width / 2, y: (node?.y ?? 0) + nodeSize.height + 10 };
    expect(edgeAt(doc, between)?.source).toBe('layer_1');
    expect(edgeAt(doc, { x: 900, y: 0 })).toBeNull();
  });
});

describe('charts', () => {
  const epoch = { epoch: 0, logs: { loss: 1, accuracy: 0.5, val_loss: 2, val_accuracy: 0.25 }, seconds: 1 };
  const curve = { ...emptyCurve, points: [{ x: 0.5, loss: 3, accuracy: 0.1 }], epochs: [epoch] };

  test('put both curves on one axis', () => {
    expect(chartColumns(curve, 'loss')).toEqual([
      [0.5, 1],
      [3, null],
      [null, 2],
    ]);
    expect(chartColumns(curve, 'accuracy')[2]).toEqual([null, 25]);
  });

  test('leave out what is no number', () => {
    const broken = { ...emptyCurve, points: [{ x: 1, loss: NaN, accuracy: null }] };
    expect(chartColumns(broken, 'loss')[1]).toEqual([null]);
  });

  test('label the last point of a line, and keep labels apart', () => {
    expect(lastValue([1, 2, 3], [5, 6, null])).toEqual({ x: 2, y: 6 });
    expect(lastValue([], [])).toBeNull();
    expect(valueNear([1, null, null], 2)).toBe(1);
    expect(apart(10, 12, 10)).toEqual([6, 16]);
    expect(apart(10, 50, 10)).toEqual([10, 50]);
  });
});

describe('ink', () => {
  const side = 112;
  const radius = (penWidth * side) / 2;
  const sum = (values: Float32Array) => values.reduce((all, value) => all + value, 0);

  test('of a dot is a disc as wide as the pen', () => {
    const values = rasterise([[{ x: 0.5, y: 0.5 }]], side);
    expect(values[56 * side + 56]).toBe(1);
    expect(values[0]).toBe(0);
    expect(sum(values)).toBeCloseTo(Math.PI * radius ** 2, -0.5);
  });

  test('of a straight line is as long and wide as the line, and crossing it again adds nothing', () => {
    const across = [
      { x: 0.25, y: 0.5 },
      { x: 0.75, y: 0.5 },
    ];
    const values = rasterise([across], side);
    expect(sum(values)).toBeCloseTo(0.5 * side * 2 * radius + Math.PI * radius ** 2, -1);
    expect(values[56 * side + 84 + Math.floor(radius)]).toBeGreaterThan(0);
    expect(values[56 * side + 84 + Math.ceil(radius) + 1]).toBe(0);
    expect(sum(rasterise([across, across], side))).toBe(sum(values));
    expect(Math.max(...values)).toBe(1);
  });

  test('follows a bend without cutting to its corner, and ends where the hand ended', () => {
    const line = lineOf(
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
      ],
      100,
    );
    expect(line[0]).toEqual({ x: 0, y: 0 });
    expect(line.at(-1)).toEqual({ x: 100, y: 100 });
    expect(line.every(({ x, y }) => Math.hypot(100 - x, y) > 10)).toBe(true);
    expect(line).toContainEqual({ x: 100, y: 50 });
  });

  test('outside of the pad is none', () => {
    expect(sum(rasterise([[{ x: 2, y: 2 }]], side))).toBe(0);
    expect(rasterise([], side)).toHaveLength(side * side);
  });
});

test('a point is added to the last stroke', () => {
  expect(addPoint([[{ x: 0, y: 0 }]], { x: 1, y: 1 })).toEqual([
    [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  ]);
});

describe('pinching', () => {
  const view = { x: 10, y: 20, zoom: 0.5 };
  const point = { x: 110, y: 220 };

  test('keeps what lies under the pointer', () => {
    expect(zoomedAbout(view, point, 1)).toEqual({ x: -90, y: -180, zoom: 1 });
    expect(zoomedAbout(view, point, 0.5)).toEqual(view);
  });

  test('ends at what can still be read, and at twice the size', () => {
    expect(zoomedAbout(view, point, 0.01).zoom).toBe(leastZoom);
    expect(zoomedAbout(view, point, 9).zoom).toBe(mostZoom);
  });
});
