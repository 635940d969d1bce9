/** A small catalog with layers that take dictionaries, and models that use them. */
import type { ClassSchema, Json, JsonObject } from '@trainyard/types';
import { apply } from '../../src/commands/patch';
import { connect, isRefusal, type Ends } from '../../src/commands/wires';
import { makeCatalog } from '../../src/graph/catalog';
import { plainBy, withoutPlainNames } from '../../src/graph/dictionary';
import { fromKeras, toKeras } from '../../src/graph/keras';
import { inEdges, type Doc, type Layer } from '../../src/graph/types';
import { fakeSchema } from '../../src/testing/fakeSchema';

export const entries = ['bounding_boxes.boxes', 'bounding_boxes.labels', 'images', 'labels', 'segmentation_masks'];
export const item = (class_name: string, more: Partial<ClassSchema>): ClassSchema => ({
  class_name,
  group: 'layers',
  family: 'preprocessing',
  doc: '',
  aliases: [],
  args: [],
  inputs: { min: 1, max: 1 },
  ...more,
});
export const flipClass = item('RandomFlip', { dictionary_entries: entries, plain_entry: 'images' });
export const layers = [
  ...fakeSchema.groups.layers,
  flipClass,
  item('RandomZoom', { dictionary_entries: entries, plain_entry: 'images' }),
  item('Pipeline', { dictionary_of: 'layers' }),
];
export const catalog = makeCatalog({ ...fakeSchema, groups: { ...fakeSchema.groups, layers } });
export const plainOf = plainBy(catalog);
export const isInput = (layer: Layer) => layer.className === 'InputLayer';
export const one = () => 1;

export const tensor = (layer: string, index = 0): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: null, dtype: 'float32', keras_history: [layer, 0, index] },
});
export const layer = (class_name: string, name: string, arg?: Json): JsonObject => ({
  class_name,
  name,
  config: { name },
  inbound_nodes: arg === undefined ? [] : [{ args: [arg], kwargs: {} }],
});
export const model = (layers: JsonObject[], outputs: Json[]): JsonObject => ({
  class_name: 'Functional',
  config: { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: outputs },
});
export const inputs = ['x', 'boxes', 'classes', 'target'].map((name) => layer('InputLayer', name));
export const dictionary: JsonObject = {
  bounding_boxes: { boxes: tensor('boxes'), labels: tensor('classes') },
  images: tensor('x'),
  labels: tensor('target'),
};
export const read = (json: JsonObject): Doc => withoutPlainNames(fromKeras(json), plainOf);

/** Pictures, boxes and labels through a flip; a convolution takes the pictures, a dense layer the labels. */
export const flipped = read(
  model(
    [
      ...inputs,
      layer('RandomFlip', 'flip', dictionary),
      layer('Conv2D', 'conv', tensor('flip', 2)),
      layer('Dense', 'dense', tensor('flip', 3)),
    ],
    [
      ['conv', 0, 0],
      ['dense', 0, 0],
    ],
  ),
);
export const write = (doc: Doc) =>
  toKeras(doc, isInput, { plainOf }) as {
    config: { layers: { name: string; inbound_nodes: { args: Json[] }[] }[]; output_layers: Json[] };
  };
export const argsOf = (doc: Doc, name: string): Json[] =>
  write(doc).config.layers.find((entry) => entry.name === name)?.inbound_nodes[0]?.args ?? [];
export const historyOf = (doc: Doc, name: string): Json =>
  ((argsOf(doc, name)[0] as JsonObject)['config'] as JsonObject)['keras_history'] ?? null;
export const done = (doc: Doc, edit: ReturnType<typeof connect>): Doc => {
  if (isRefusal(edit)) throw new Error(edit.refused);
  return apply(doc, edit);
};
export const wire = (doc: Doc, source: string, target: string, ends: Ends = {}): Doc =>
  done(doc, connect(doc, source, target, one, ends));
export const edgeTo = (doc: Doc, target: string, entry?: string) =>
  inEdges(doc, target).find((edge) => edge.entry === entry)?.id ?? '';

/** One picture in, one picture out. */
export const plain = read(
  model(
    [
      ...inputs,
      layer('RandomFlip', 'flip', tensor('x')),
      layer('Conv2D', 'conv', tensor('flip')),
      layer('Dense', 'dense'),
    ],
    [['conv', 0, 0]],
  ),
);
