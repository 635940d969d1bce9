/** Making a network's ends fit the data: the input takes a sample's shape, the last layer answers once a class. */
import type { ClassSchema, DatasetInfo, Json, JsonObject } from '@trainyard/types';
import { inputTarget, labelTarget } from '../state/targets';
import { isSource, referenceName, valueOf, type Catalog } from './catalog';
import { isObject } from './json';
import { outEdges, type Doc } from './types';

const count = (shape: readonly (number | null)[]): number | null =>
  shape.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);

/** The engine gives a sample to an input of the same number of values, whatever its shape: pictures to a row of pixels. */
export function sameSize(input: readonly (number | null)[], sample: readonly number[]): boolean {
  const wanted = count(input);
  return wanted === null ? input.length === sample.length : wanted === count(sample);
}

/** A source layer's arguments for samples of this shape, in whichever way its class says a shape: without the batch, or with it. */
export function withInputShape(item: ClassSchema, config: JsonObject, shape: readonly number[]): JsonObject {
  const shapes = item.args.filter((arg) => arg.kind === 'shape').map((arg) => arg.name);
  const { batch_shape: _old, batch_input_shape: _older, ...rest } = config;
  if (shapes.includes('shape')) return { ...rest, shape: [...shape] };
  if (shapes.includes('batch_shape')) return { ...rest, batch_shape: [null, ...shape] };
  const [other] = shapes;
  return other === undefined ? config : { ...config, [other]: [...shape] };
}

interface Answer {
  is: 'sample' | 'number' | 'class';
  /** How many numbers tell it. */
  count: number;
}

/** What an output answers with, by what it is to learn. */
function answerOf(doc: Doc, output: string, data: DatasetInfo): Answer {
  const targets = doc.settings['train.targets']?.value;
  const target = isObject(targets) ? targets[output] : null;
  if (target === inputTarget) return { is: 'sample', count: count(data.input_shape) ?? 1 };
  const number = (typeof target === 'string' && target !== labelTarget) || data.labels.length === 0;
  return number ? { is: 'number', count: 1 } : { is: 'class', count: data.labels.length };
}

/** What bends an answer into probabilities leaves nothing of a number; and what was one number becomes probabilities of classes. */
function suitableActivation(
  item: ClassSchema,
  config: JsonObject,
  answer: Answer,
  before: Json | undefined,
): JsonObject {
  const arg = item.args.find(({ name, group }) => name === 'activation' && group === 'activations');
  const name = arg && (referenceName(valueOf(config, arg)) ?? 'linear').toLowerCase();
  if (answer.is === 'number' && (name === 'softmax' || name === 'sigmoid')) return { activation: 'linear' };
  if (answer.is === 'class' && answer.count > 1 && before === 1 && (name === 'linear' || name === 'sigmoid'))
    return { activation: 'softmax' };
  return {};
}

/** Labels, boxes and masks have shapes of their own. */
function comesWithPictures(doc: Doc, node: string): boolean {
  const out = outEdges(doc, node);
  return out.length > 0 && out.every((edge) => edge.entry !== undefined);
}

/** The same network with both ends set to the data; layers between are left alone. */
export function adaptToData(doc: Doc, catalog: Catalog, data: DatasetInfo): Doc {
  const layers = { ...doc.layers };
  for (const node of Object.values(doc.nodes)) {
    const layer = layers[node.layer];
    const item = layer && catalog.layers.get(layer.className);
    if (!layer || !item) continue;
    if (isSource(item)) {
      if (comesWithPictures(doc, node.id)) continue;
      layers[layer.id] = { ...layer, config: withInputShape(item, layer.config, data.input_shape) };
    } else if (outEdges(doc, node.id).length === 0 && !item.dictionary_entries) {
      const countArg = item.args.find((arg) => arg.required && arg.kind === 'int');
      if (!countArg) continue;
      const answer = answerOf(doc, layer.name, data);
      const activation = suitableActivation(item, layer.config, answer, layer.config[countArg.name]);
      layers[layer.id] = {
        ...layer,
        config: { ...layer.config, ...activation, [countArg.name]: answer.count },
      };
    }
  }
  return { ...doc, layers };
}

/** Canonical JSON says an input's shape with the batch; people read it without, as long as the batch is left open. */
export function readableInputs(doc: Doc, catalog: Catalog): Doc {
  const layers = { ...doc.layers };
  for (const layer of Object.values(doc.layers)) {
    const item = catalog.layers.get(layer.className);
    const full = layer.config['batch_shape'];
    if (!isSource(item) || !item?.args.some((arg) => arg.name === 'shape') || !Array.isArray(full)) continue;
    const [batch, ...shape] = full;
    const { batch_shape: _full, ...config } = layer.config;
    if (batch === null) layers[layer.id] = { ...layer, config: { ...config, shape } };
  }
  return { ...doc, layers };
}
