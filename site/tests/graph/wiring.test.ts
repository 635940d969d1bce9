/** Layers with several inputs and outputs: reading, writing and changing what leads where. */
import { describe, expect, it } from 'vitest';
import type { ClassSchema, Json, JsonObject } from '@trainyard/types';
import { remove, setAnswers } from '../../src/commands/edits';
import { chooseOutput, connect, isRefusal, moveInputUp } from '../../src/commands/wires';
import { apply, type Command } from '../../src/commands/patch';
import { functional } from '../../src/engine/templateModels';
import { makeCatalog } from '../../src/graph/catalog';
import { outputNames } from '../../src/graph/ends';
import { fromKeras, toKeras } from '../../src/graph/keras';
import { inputRoles, portOf } from '../../src/graph/roles';
import { starterConfig } from '../../src/graph/starters';
import { inEdges, type Doc, type Layer } from '../../src/graph/types';
import { fakeSchema } from '../../src/testing/fakeSchema';

const isInput = (layer: Layer) => layer.className === 'InputLayer';
const tensor = (layer: string, index = 0): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: null, dtype: 'float32', keras_history: [layer, 0, index] },
});
const layer = (class_name: string, name: string, call?: JsonObject): JsonObject => ({
  class_name,
  name,
  config: { name },
  inbound_nodes: call ? [call] : [],
});
const model = (layers: JsonObject[], output: string): JsonObject => ({
  class_name: 'Functional',
  config: { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: [[output, 0, 0]] },
});
const callOf = (doc: Doc, name: string): Json => {
  const { config } = toKeras(doc, isInput) as { config: { layers: { name: string; inbound_nodes: Json[] }[] } };
  return config.layers.find((entry) => entry.name === name)?.inbound_nodes[0] ?? null;
};

describe('tensors given by name', () => {
  const encoderDecoder = fromKeras(
    model(
      [
        layer('InputLayer', 'x'),
        layer('LSTM', 'e', { args: [tensor('x')], kwargs: {} }),
        layer('LSTM', 'd', {
          args: [tensor('x')],
          kwargs: { initial_state: [tensor('e', 1), tensor('e', 2)], training: false },
        }),
        layer('Attention', 'a', { args: [tensor('d')], kwargs: { value: tensor('e') } }),
      ],
      'a',
    ),
  );

  it('are edges like any other, and are written by name again', () => {
    expect(inEdges(encoderDecoder, 'd').map(({ source, tensor: index, keyword }) => [source, index, keyword])).toEqual([
      ['x', 0, undefined],
      ['e', 1, 'initial_state'],
      ['e', 2, 'initial_state'],
    ]);
    expect(callOf(encoderDecoder, 'd')).toMatchObject({
      args: [{}],
      kwargs: { training: false, initial_state: [{ config: { keras_history: ['e', 0, 1] } }, {}] },
    });
    expect(callOf(encoderDecoder, 'a')).toMatchObject({
      kwargs: { value: { config: { keras_history: ['e', 0, 0] } } },
    });
  });

  it('follow a layer that is renamed', () => {
    const layers = { ...encoderDecoder.layers, e: { ...(encoderDecoder.layers['e'] as Layer), name: 'encoder' } };
    expect(JSON.stringify(callOf({ ...encoderDecoder, layers }, 'd'))).toContain('"encoder",0,2');
  });

  it('states in a list after the sequence are inputs one after the other', () => {
    const doc = fromKeras(
      model(
        [
          layer('InputLayer', 'x'),
          layer('GRU', 'e', { args: [tensor('x')], kwargs: {} }),
          layer('GRU', 'd', { args: [tensor('x'), [tensor('e', 1)]], kwargs: {} }),
        ],
        'd',
      ),
    );
    expect(inEdges(doc, 'd').map((edge) => edge.tensor)).toEqual([0, 1]);
  });
});

describe('connecting to a port', () => {
  const doc = fromKeras(
    functional(
      'm',
      [
        { name: 'x', className: 'InputLayer' },
        { name: 'y', className: 'Dense' },
        { name: 'a', className: 'Attention', from: ['y', 'y'] },
      ],
      ['a'],
    ),
  );
  const any = () => 4;
  const after = (edit: ReturnType<typeof connect>): string[] =>
    isRefusal(edit) ? [edit.refused] : inEdges(apply(doc, edit), 'a').map((edge) => edge.source);

  it('replaces what was there, and comes last where nothing was', () => {
    expect(after(connect(doc, 'x', 'a', any, { port: 1 }))).toEqual(['y', 'x']);
    expect(after(connect(doc, 'x', 'a', any, { port: 2 }))).toEqual(['y', 'y', 'x']);
    expect(after(connect(doc, 'x', 'a', any))).toEqual(['y', 'y', 'x']);
  });

  it('takes the same tensor at two places, but not twice at one', () => {
    expect(after(connect(doc, 'y', 'a', any, { port: 2 }))).toEqual(['y', 'y', 'y']);
    expect(after(connect(doc, 'y', 'a', any, { port: 0 }))).toEqual(['These two are connected already.']);
    expect(after(connect(doc, 'y', 'a', any))).toEqual(['These two are connected already.']);
  });

  it('can be put in another order, and take another output', () => {
    const three = apply(doc, connect(doc, 'x', 'a', any) as Command);
    const [, , last] = inEdges(three, 'a');
    const moved = apply(three, moveInputUp(three, last?.id ?? ''));
    expect(inEdges(moved, 'a').map((edge) => edge.source)).toEqual(['y', 'x', 'y']);
    const other = apply(moved, chooseOutput(moved, last?.id ?? '', { tensor: 1 }));
    expect(inEdges(other, 'a').map((edge) => edge.tensor)).toEqual([0, 1, 0]);
  });

  it('deleting a layer that takes one tensor twice closes the chain', () => {
    const longer = fromKeras(
      functional(
        'm',
        [
          { name: 'x', className: 'InputLayer' },
          { name: 'a', className: 'Attention', from: ['x', 'x'] },
          { name: 'y', className: 'Dense' },
        ],
        ['y'],
      ),
    );
    expect(inEdges(apply(longer, remove(longer, ['a'])), 'y').map((edge) => edge.source)).toEqual(['x']);
  });

  it('a layer in the middle can be an output too', () => {
    const both = apply(doc, setAnswers(doc, 'y', ['0']));
    expect(outputNames(both, isInput)).toEqual(['a', 'y']);
    expect(outputNames(apply(both, setAnswers(both, 'y', [])), isInput)).toEqual(['a']);
  });
});

describe('what inputs mean', () => {
  const item = (family: string, max: number | null) =>
    ({ class_name: 'L', family, args: [], inputs: { min: 1, max } }) as unknown as ClassSchema;

  it('is told where they mean different things', () => {
    expect(inputRoles(item('attention', 7))).toEqual(['query', 'value', 'key']);
    expect(inputRoles(item('recurrent', 3))).toHaveLength(3);
    expect(inputRoles(item('recurrent', 2))).toEqual(['sequence', 'initial state']);
    expect(inputRoles(item('recurrent', 1))).toEqual([]);
    expect(inputRoles(item('merging', null))).toEqual([]);
  });

  it('is found by name where the tensor has one', () => {
    const edge = { id: 'e', source: 'x', tensor: 0, target: 'y', order: 1, keyword: 'key' };
    expect(portOf({ layers: {}, nodes: {}, edges: { e: edge }, settings: {} }, edge, ['query', 'value', 'key'])).toBe(
      2,
    );
  });
});

describe('what a layer begins with', () => {
  const catalog = makeCatalog(fakeSchema);
  const reshape: ClassSchema = {
    class_name: 'EinsumDense',
    group: 'layers',
    family: 'core',
    doc: '',
    aliases: [],
    args: ['equation', 'output_shape'].map((name) => ({
      name,
      kind: name === 'equation' ? ('text' as const) : ('shape' as const),
      doc: '',
      required: true,
      nullable: false,
      default: null,
      advanced: false,
    })),
  };

  it('follows what comes in', () => {
    expect(starterConfig(reshape, catalog, [null, 28, 28])).toEqual({
      equation: 'abc,cd->abd',
      output_shape: [28, 32],
    });
    expect(starterConfig(reshape, catalog)).toEqual({ equation: 'ab,bc->ac', output_shape: [32] });
  });
});
