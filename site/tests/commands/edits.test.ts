import { describe, expect, test } from 'vitest';
import {
  addLayer,
  arrange,
  duplicate,
  remove,
  rename,
  replaceModel,
  setArgument,
  setSetting,
} from '../../src/commands/edits';
import { connect, isRefusal } from '../../src/commands/wires';
import { perform, redo, startHistory, undo } from '../../src/commands/history';
import { apply, invert, type Command } from '../../src/commands/patch';
import { makeCatalog, maxInputs } from '../../src/graph/catalog';
import { fromKeras } from '../../src/graph/keras';
import { emptyDoc, inEdges, outEdges, type Doc } from '../../src/graph/types';
import { fakeSchema } from '../../src/testing/fakeSchema';
import { templates } from '../../src/testing/fakeModels';

const catalog = makeCatalog(fakeSchema);
const layerClass = (name: string) => {
  const item = catalog.layers.get(name);
  if (!item) throw new Error(name);
  return item;
};
const limit = (doc: Doc) => (id: string) =>
  maxInputs(catalog.layers.get(doc.layers[doc.nodes[id]?.layer ?? '']?.className ?? ''));
const mlp = () => fromKeras(templates['mlp'] ?? {});
const add = (doc: Doc, name: string, more: object = {}) => {
  const { command, node } = addLayer(doc, { item: layerClass(name), config: {}, ...more });
  return { doc: apply(doc, command), node, command };
};
const command = (edit: ReturnType<typeof connect>): Command => {
  if (isRefusal(edit)) throw new Error(edit.refused);
  return edit;
};

describe('adding a layer', () => {
  test('after the end of a chain continues the chain', () => {
    const { doc, node } = add(mlp(), 'Dense', { after: 'layer_3' });
    expect(inEdges(doc, node).map((edge) => edge.source)).toEqual(['layer_3']);
  });

  test('after a layer in the middle goes in between, and makes room', () => {
    const before = mlp();
    const { doc, node } = add(before, 'Dropout', { after: 'layer_2' });
    expect(inEdges(doc, node)[0]?.source).toBe('layer_2');
    expect(inEdges(doc, 'layer_3')[0]?.source).toBe(node);
    expect(doc.nodes['layer_3']?.y).toBeGreaterThan(before.nodes['layer_3']?.y ?? 0);
  });

  test('into an edge joins both of its ends', () => {
    const before = mlp();
    const [edge] = outEdges(before, 'layer_1');
    const { doc, node } = add(before, 'Dropout', { into: edge?.id });
    expect(outEdges(doc, 'layer_1')[0]?.target).toBe(node);
    expect(outEdges(doc, node)[0]?.target).toBe('layer_2');
  });

  test('that takes no input stands alone, at the top beside the other input', () => {
    const { doc, node } = add(mlp(), 'InputLayer', { after: 'layer_3' });
    expect(inEdges(doc, node)).toEqual([]);
    expect(doc.nodes[node]?.y).toBe(doc.nodes['layer_0']?.y);
    expect(doc.nodes[node]?.x).toBeGreaterThan(doc.nodes['layer_0']?.x ?? 0);
  });

  test('gives it a name that is free', () => {
    const first = add(emptyDoc, 'Dense');
    const second = add(first.doc, 'Dense', { after: first.node });
    expect(Object.values(second.doc.layers).map((layer) => layer.name)).toEqual(['dense', 'dense_1']);
  });
});

describe('connecting', () => {
  test('a layer of one input replaces what led there', () => {
    const { doc, node } = add(mlp(), 'Flatten', { at: { x: 500, y: 0 } });
    const joined = apply(doc, command(connect(doc, node, 'layer_3', limit(doc))));
    expect(inEdges(joined, 'layer_3').map((edge) => edge.source)).toEqual([node]);
  });

  test('a merging layer takes one more', () => {
    const { doc, node } = add(mlp(), 'Add', { after: 'layer_3' });
    const joined = apply(doc, command(connect(doc, 'layer_2', node, limit(doc))));
    expect(inEdges(joined, node).map((edge) => edge.source)).toEqual(['layer_3', 'layer_2']);
  });

  test.each([
    ['to itself', 'layer_2', 'layer_2', /itself/],
    ['twice', 'layer_1', 'layer_2', /already/],
    ['in a circle', 'layer_3', 'layer_1', /circle/],
    ['into an input', 'layer_3', 'layer_0', /data comes in/],
  ])('%s is refused with the reason', (_what, source, target, reason) => {
    const doc = mlp();
    const edit = connect(doc, source, target, limit(doc));
    expect(isRefusal(edit) ? edit.refused : '').toMatch(reason);
  });
});

describe('deleting', () => {
  test('a layer of a chain closes the chain', () => {
    const doc = apply(mlp(), remove(mlp(), ['layer_2']));
    expect(inEdges(doc, 'layer_3').map((edge) => edge.source)).toEqual(['layer_1']);
    expect(doc.layers['layer_2']).toBeUndefined();
  });

  test('several layers at once closes it too', () => {
    const doc = apply(mlp(), remove(mlp(), ['layer_1', 'layer_2']));
    expect(inEdges(doc, 'layer_3').map((edge) => edge.source)).toEqual(['layer_0']);
  });

  test('an edge leaves both layers', () => {
    const before = mlp();
    const [edge] = outEdges(before, 'layer_1');
    const doc = apply(before, remove(before, [], [edge?.id ?? '']));
    expect(Object.keys(doc.nodes)).toHaveLength(4);
    expect(inEdges(doc, 'layer_2')).toEqual([]);
  });
});

test('duplicating copies the edges among the copies', () => {
  const before = mlp();
  const { command: copy, nodes } = duplicate(before, ['layer_1', 'layer_2']);
  const doc = apply(before, copy);
  expect(nodes).toHaveLength(2);
  expect(inEdges(doc, nodes[1] ?? '').map((edge) => edge.source)).toEqual([nodes[0]]);
  expect(new Set(Object.values(doc.layers).map((layer) => layer.name)).size).toBe(6);
});

test('every command can be taken back exactly', () => {
  const tidy = mlp();
  const untidy = { id: 'layer_1', layer: 'layer_1', x: 99, y: 0, form: 'auto' as const, kwargs: {} };
  const doc: Doc = { ...tidy, nodes: { ...tidy.nodes, layer_1: untidy } };
  const commands: Command[] = [
    add(doc, 'Dropout', { after: 'layer_2' }).command,
    remove(doc, ['layer_1', 'layer_3']),
    duplicate(doc, ['layer_1', 'layer_2']).command,
    arrange(doc),
    setArgument(doc, 'layer_2', 'units', 7),
    setSetting(doc, 'train.epochs', 3, 'Changed epochs'),
    command(rename(doc, 'layer_2', 'hidden')),
    replaceModel(doc, fromKeras(templates['lenet5'] ?? {}), 'Opened'),
  ];
  for (const item of commands) expect(apply(apply(doc, item), invert(item)), item.label).toEqual(doc);
});

describe('history', () => {
  const set = (doc: Doc, units: number) => setArgument(doc, 'layer_2', 'units', units);
  const units = (doc: Doc) => doc.layers['layer_2']?.config['units'];

  test('goes back and forth', () => {
    const start = startHistory(mlp());
    const one = perform(start, set(start.doc, 7), 0);
    expect(units(one.doc)).toBe(7);
    expect(units(undo(one).doc)).toBe(128);
    expect(units(redo(undo(one)).doc)).toBe(7);
  });

  test('joins typing into one step, until one pauses', () => {
    const start = startHistory(mlp());
    const a = perform(start, set(start.doc, 1), 1000);
    const b = perform(a, set(a.doc, 12), 1400);
    const c = perform(b, set(b.doc, 120), 9000);
    expect(c.past).toHaveLength(2);
    expect(units(undo(c).doc)).toBe(12);
    expect(units(undo(undo(c)).doc)).toBe(128);
  });

  test('forgets the future after a new edit, and a command that changes nothing', () => {
    const start = startHistory(mlp());
    const one = perform(start, set(start.doc, 7), 0);
    const back = undo(one);
    expect(perform(back, set(back.doc, 9), 10).future).toEqual([]);
    expect(perform(one, { label: 'nothing', patches: [] }, 0)).toBe(one);
  });

  test('counts every change as a new revision', () => {
    const start = startHistory(mlp());
    const one = perform(start, set(start.doc, 7), 0);
    expect([one.revision, undo(one).revision]).toEqual([2, 3]);
  });
});
