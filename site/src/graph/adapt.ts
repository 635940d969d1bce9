/** Making a network's ends fit the data: the input takes a sample's shape, the last layer answers once a class. */
import type { ClassSchema, DatasetInfo, JsonObject } from '@trainyard/types';
import { inputTarget, labelTarget } from '../state/targets';
import { isSource, type Catalog } from './catalog';
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

/** How many numbers an output answers with, by what it is to learn. */
function answersOf(doc: Doc, output: string, data: DatasetInfo): number {
  const targets = doc.settings['train.targets']?.value;
  const target = typeof targets === 'object' && targets !== null && !Array.isArray(targets) ? targets[output] : null;
  if (target === inputTarget) return count(data.input_shape) ?? 1;
  return typeof target === 'string' && target !== labelTarget ? 1 : Math.max(1, data.labels.length);
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
      if (countArg)
        layers[layer.id] = { ...layer, config: { ...layer.config, [countArg.name]: answersOf(doc, layer.name, data) } };
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
