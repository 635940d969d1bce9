/** Layers over pictures with Keras's dictionaries: drawn and changed. */
import { describe, expect, it } from 'vitest';
import type { ArgSchema } from '@trainyard/types';
import { addLayer, duplicate, remove, setAnswers } from '../../src/commands/edits';
import { apply, invert } from '../../src/commands/patch';
import { chooseOutput, connect, isRefusal } from '../../src/commands/wires';
import { givenEntries } from '../../src/graph/dictionary';
import { outputChoices } from '../../src/graph/outputs';
import { readingBoxes } from '../../src/graph/starters';
import { inEdges, outEdges } from '../../src/graph/types';
import { argsOf, edgeTo, flipClass, historyOf, item, one, plain, plainOf, tensor, wire, write } from './dictionaries';

describe('drawing a dictionary', () => {
  const labelled = wire(plain, 'target', 'flip', { entry: 'labels' });

  it('an entry joins what leads in already, and what follows still takes the pictures', () => {
    expect(argsOf(labelled, 'flip')).toEqual([{ images: tensor('x'), labels: tensor('target') }]);
    expect(historyOf(labelled, 'conv')).toEqual(['flip', 0, 0]);
    const boxed = wire(labelled, 'boxes', 'flip', { entry: 'bounding_boxes.boxes' });
    expect(historyOf(boxed, 'conv')).toEqual(['flip', 0, 1]);
  });

  it('each entry has an output of its own', () => {
    const doc = wire(labelled, 'flip', 'dense', { output: 'labels' });
    expect(inEdges(doc, 'dense').map((edge) => edge.output)).toEqual(['labels']);
    const choices = outputChoices(
      labelled,
      'flip',
      [
        [null, 8, 8, 3],
        [null, 2],
      ],
      plainOf,
    );
    expect(choices.map(({ text, from }) => [text, from.output])).toEqual([
      ['images: 8 × 8 × 3', undefined],
      ['labels: 2', 'labels'],
    ]);
  });

  it('another wire to the same entry takes its place, and the same wire twice is refused', () => {
    const other = wire(labelled, 'classes', 'flip', { entry: 'labels' });
    expect(argsOf(other, 'flip')).toEqual([{ images: tensor('x'), labels: tensor('classes') }]);
    expect(isRefusal(connect(labelled, 'target', 'flip', one, { entry: 'labels' }))).toBe(true);
    expect(isRefusal(connect(labelled, 'target', 'flip', one, { entry: 'segmentation_masks' }))).toBe(false);
  });

  it('another picture takes the place of the picture only', () => {
    const other = wire(labelled, 'classes', 'flip');
    expect(argsOf(other, 'flip')).toEqual([{ images: tensor('classes'), labels: tensor('target') }]);
  });

  it('a wire that goes takes nothing else along, and comes back with undo', () => {
    const followed = wire(labelled, 'flip', 'dense', { output: 'labels' });
    const command = remove(followed, [], [edgeTo(followed, 'flip', 'labels')]);
    const without = apply(followed, command);
    expect(argsOf(without, 'flip')).toEqual([tensor('x')]);
    expect(historyOf(without, 'conv')).toEqual(['flip', 0, 0]);
    // What leads nowhere now is for the engine to tell: the layer has one output.
    expect(historyOf(without, 'dense')).toEqual(['flip', 0, 1]);
    expect(apply(without, invert(command))).toEqual(followed);
    expect(argsOf(wire(without, 'classes', 'flip', { entry: 'labels' }), 'dense')).toEqual([tensor('flip', 1)]);
  });

  it('without pictures it is written as it stands, so that the engine can say what is missing', () => {
    const doc = apply(labelled, remove(labelled, [], [edgeTo(labelled, 'flip')]));
    expect(argsOf(doc, 'flip')).toEqual([{ labels: tensor('target') }]);
  });

  it('a deleted layer leaves its entries connected one by one', () => {
    const doc = wire(labelled, 'flip', 'dense', { output: 'labels' });
    const gone = apply(doc, remove(doc, ['flip']));
    expect(historyOf(gone, 'conv')).toEqual(['x', 0, 0]);
    expect(historyOf(gone, 'dense')).toEqual(['target', 0, 0]);
  });

  it('a further layer over pictures takes the dictionary as a whole', () => {
    const wired = wire(labelled, 'flip', 'dense', { output: 'labels' });
    const before = apply(wired, setAnswers(wired, 'flip', ['labels']));
    const zoom = { item: flipClass, config: {}, after: 'flip', takesDictionary: true };
    const { command, node } = addLayer(before, zoom);
    const doc = apply(before, command);
    expect(givenEntries(doc, node, plainOf)).toEqual(['images', 'labels']);
    expect(outEdges(doc, 'flip').every((edge) => edge.target === node)).toBe(true);
    expect(inEdges(doc, 'dense').map((edge) => [edge.source, edge.output])).toEqual([[node, 'labels']]);
    expect(historyOf(doc, 'conv')).toEqual(['random_flip', 0, 0]);
    expect(write(doc).config.output_layers).toContainEqual(['random_flip', 0, 1]);
    expect(write(doc).config.output_layers).not.toContainEqual(['flip', 0, 1]);
    expect(apply(doc, remove(doc, [node])).edges).not.toEqual({});
    expect(historyOf(apply(doc, remove(doc, [node])), 'dense')).toEqual(['flip', 0, 1]);
  });

  it('which reads boxes as the layer before does', () => {
    const boxes = { name: 'bounding_box_format', kind: 'choice' } as ArgSchema;
    const zoom = { ...flipClass, args: [boxes] };
    expect(readingBoxes(zoom, {}, { bounding_box_format: 'xywh' })).toEqual({ bounding_box_format: 'xywh' });
    expect(readingBoxes(zoom, {}, {})).toEqual({});
    expect(readingBoxes(flipClass, {}, { bounding_box_format: 'xywh' })).toEqual({});
  });

  it('any other layer goes behind the pictures', () => {
    const before = wire(labelled, 'flip', 'dense', { output: 'labels' });
    const { command, node } = addLayer(before, { item: item('Dropout', {}), config: {}, after: 'flip' });
    const doc = apply(before, command);
    expect(inEdges(doc, 'conv').map((edge) => edge.source)).toEqual([node]);
    expect(historyOf(doc, 'dense')).toEqual(['flip', 0, 1]);
  });

  it('a layer put into the wire of an entry keeps it that entry', () => {
    const { command, node } = addLayer(labelled, {
      item: item('Dropout', {}),
      config: {},
      into: edgeTo(labelled, 'flip', 'labels'),
    });
    const doc = apply(labelled, command);
    expect(inEdges(doc, 'flip').find((edge) => edge.entry === 'labels')?.source).toBe(node);
  });

  it('is copied with its wires', () => {
    const { command, nodes } = duplicate(labelled, ['x', 'target', 'flip']);
    const doc = apply(labelled, command);
    expect(inEdges(doc, nodes[2] ?? '').map((edge) => edge.entry)).toEqual([undefined, 'labels']);
  });

  it('another output of it can be taken', () => {
    const taken = apply(labelled, chooseOutput(labelled, edgeTo(labelled, 'conv'), { tensor: 0, output: 'labels' }));
    expect(historyOf(taken, 'conv')).toEqual(['flip', 0, 1]);
    const back = apply(taken, chooseOutput(taken, edgeTo(taken, 'conv'), { tensor: 0 }));
    expect(historyOf(back, 'conv')).toEqual(['flip', 0, 0]);
  });
});
