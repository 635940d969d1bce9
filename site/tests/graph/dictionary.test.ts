/** Layers over pictures with Keras's dictionaries: read, written, and what they take. */
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '@trainyard/types';
import { remove, setAnswers } from '../../src/commands/edits';
import { apply } from '../../src/commands/patch';
import { adaptToData } from '../../src/graph/adapt';
import { byEntry, dictionaryOf, entryWords, givenEntries, tensorOf } from '../../src/graph/dictionary';
import { answeredOutputs, outputNames } from '../../src/graph/ends';
import { answeredTails, outputChoices } from '../../src/graph/outputs';
import { arranged } from '../../src/graph/keras';
import type { Doc, Layer } from '../../src/graph/types';
import { flowEdges, outputAt, portPlace } from '../../src/places/network/flow';
import {
  argsOf,
  catalog,
  dictionary,
  entries,
  flipped,
  historyOf,
  inputs,
  isInput,
  layer,
  model,
  plain,
  plainOf,
  read,
  tensor,
  wire,
  write,
} from './dictionaries';

describe('a file with a dictionary', () => {
  it('shows its wires at the ports of their entries, the pictures at the port they have without a dictionary', () => {
    const ports = flowEdges(flipped, [], catalog).map((edge) => [
      edge.source,
      edge.sourceHandle,
      edge.target,
      edge.targetHandle,
    ]);
    expect(ports).toEqual([
      ['boxes', 'out0', 'flip', 'in:bounding_boxes.boxes'],
      ['classes', 'out0', 'flip', 'in:bounding_boxes.labels'],
      ['x', 'out0', 'flip', 'in0'],
      ['target', 'out0', 'flip', 'in:labels'],
      ['flip', 'out0', 'conv', 'in0'],
      ['flip', 'out:labels', 'dense', 'in0'],
    ]);
    const [, , , , pictures, labels] = flowEdges(flipped, [], catalog);
    expect([pictures?.data?.tensor, labels?.data?.tensor]).toEqual([2, 3]);
  });

  it('has its sources in the order of the ports, so that their ways do not cross', () => {
    const across = ({ nodes }: Doc) => ['boxes', 'classes', 'x', 'target'].map((id) => nodes[id]?.x ?? 0);
    for (const doc of [flipped, arranged(flipped, plainOf)])
      expect(across(doc)).toEqual([...across(doc)].sort((a, b) => a - b));
  });

  it('is written as it was read', () => {
    const [written] = argsOf(flipped, 'flip');
    expect(written).toEqual(dictionary);
    expect(historyOf(flipped, 'conv')).toEqual(['flip', 0, 2]);
    expect(historyOf(flipped, 'dense')).toEqual(['flip', 0, 3]);
    expect(write(read(write(flipped) as unknown as JsonObject))).toEqual(write(flipped));
  });

  it('keeps entries that no layer knows', () => {
    const doc = read(
      model(
        [
          ...inputs,
          layer('RandomFlip', 'flip', {
            images: tensor('x'),
            'meta-data': tensor('boxes'),
            meta: { id: tensor('target') },
          }),
        ],
        [['flip', 0, 1]],
      ),
    );
    expect(givenEntries(doc, 'flip', plainOf)).toEqual(['images', 'meta.id', 'meta-data']);
    expect(argsOf(doc, 'flip')).toEqual([
      { images: tensor('x'), meta: { id: tensor('target') }, 'meta-data': tensor('boxes') },
    ]);
    expect(write(doc).config.output_layers).toContainEqual(['flip', 0, 1]);
  });

  it('of pictures alone is drawn as a call without one', () => {
    const doc = read(model([...inputs, layer('RandomFlip', 'flip', { images: tensor('x') })], [['flip', 0, 0]]));
    expect(argsOf(doc, 'flip')).toEqual([tensor('x')]);
  });

  it('is refused where it holds something else than tensors', () => {
    expect(() => read(model([...inputs, layer('RandomFlip', 'flip', { images: 3 })], []))).toThrow(/entries/);
  });
});

describe('outputs of the network', () => {
  const labelled = wire(plain, 'target', 'flip', { entry: 'labels' });
  const end = apply(labelled, remove(labelled, ['conv']));

  it('are all entries of a dictionary that nothing follows, until something else is said', () => {
    const flips = outputNames(end, isInput, plainOf).filter((name) => name === 'flip');
    expect(flips).toHaveLength(2);
    const only = apply(end, setAnswers(end, 'flip', ['labels']));
    expect(answeredOutputs(only, 'flip', plainOf)).toEqual([1]);
    expect(answeredTails(only, 'flip', outputChoices(only, 'flip', [], plainOf), plainOf)).toEqual(['labels']);
  });

  it('can be an entry beside what goes on', () => {
    const doc = apply(labelled, setAnswers(labelled, 'flip', ['labels']));
    expect(write(doc).config.output_layers).toEqual(
      expect.arrayContaining([
        ['flip', 0, 1],
        ['conv', 0, 0],
      ]),
    );
    expect(answeredOutputs(labelled, 'flip', plainOf)).toEqual([]);
  });

  it('of a file are its outputs again', () => {
    for (const outputs of [
      [['flip', 0, 2]],
      [
        ['flip', 0, 3],
        ['flip', 0, 1],
      ],
      [0, 1, 2, 3].map((n) => ['flip', 0, n]),
    ]) {
      const doc = read(model([...inputs, layer('RandomFlip', 'flip', dictionary)], outputs));
      expect(write(doc).config.output_layers.filter((end) => Array.isArray(end) && end[0] === 'flip')).toEqual(outputs);
    }
  });

  it('a file that answers with a state alone is not given another output', () => {
    const doc = read(model([...inputs, layer('LSTM', 'lstm', tensor('x'))], [['lstm', 0, 1]]));
    expect(outputNames(doc, isInput).filter((name) => name === 'lstm')).toHaveLength(1);
  });
});

describe('what a layer takes', () => {
  const takes = (className: string, config: JsonObject = {}) => dictionaryOf(catalog, { className, config });
  const inner = (class_name: string, config: JsonObject = {}): Json => ({ class_name, config });

  it('is said by its class, or by the layers within', () => {
    expect(takes('RandomFlip')).toEqual({ entries, plain: 'images' });
    expect(takes('Dense')).toBeNull();
    expect(takes('Pipeline', { layers: [inner('RandomFlip'), inner('RandomZoom')] })?.plain).toBe('images');
    expect(takes('Pipeline', { layers: [inner('RandomFlip'), inner('Dense')] })).toBeNull();
    expect(takes('Pipeline', { layers: [inner('Pipeline', { layers: [inner('RandomFlip')] })] })?.entries).toEqual(
      entries,
    );
    expect(takes('Pipeline', { layers: [] })).toBeNull();
    expect(takes('Pipeline')).toBeNull();
  });

  it('has an order, key by key, and words', () => {
    expect([...entries].reverse().sort(byEntry)).toEqual(entries);
    expect(['meta-data', 'meta.id', 'meta'].sort(byEntry)).toEqual(['meta', 'meta.id', 'meta-data']);
    expect(entries.map(entryWords)).toEqual(['boxes', 'box labels', 'images', 'labels', 'masks']);
    expect(entryWords('meta.file_id')).toBe('meta file id');
  });

  it('an output without a dictionary keeps its number', () => {
    expect(tensorOf(plain, { source: 'flip', tensor: 0 }, plainOf)).toBe(0);
    expect(tensorOf(plain, { source: 'flip', tensor: 0, output: 'labels' }, plainOf)).toBe(1);
  });

  it('ports say what they are', () => {
    expect([portPlace('in0'), portPlace('in:labels'), portPlace('out:top5'), portPlace(null)]).toEqual([
      0,
      'labels',
      'top5',
      undefined,
    ]);
    expect([outputAt('out2'), outputAt('out:labels'), outputAt(undefined)]).toEqual([
      { tensor: 2 },
      { tensor: 0, output: 'labels' },
      { tensor: 0 },
    ]);
  });

  it('other data changes the pictures’ shape, not that of what comes with them', () => {
    const sized = {
      ...flipped,
      layers: { ...flipped.layers, target: { ...(flipped.layers['target'] as Layer), config: { shape: [2] } } },
    };
    const data = { input_shape: [28, 28, 1], labels: ['a', 'b', 'c'] } as unknown as Parameters<typeof adaptToData>[2];
    const { layers: adapted } = adaptToData(sized, catalog, data);
    expect(adapted['x']?.config).toMatchObject({ shape: [28, 28, 1] });
    expect(adapted['target']?.config).toEqual({ shape: [2] });
  });
});
