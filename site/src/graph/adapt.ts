/** Making a network's ends fit the data: the input takes a sample's shape, the last layer answers once a class. */
import type { DatasetInfo } from '@trainyard/types';
import { isSource, type Catalog } from './catalog';
import { outEdges, type Doc, type Layer } from './types';

const count = (shape: readonly (number | null)[]): number | null =>
  shape.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);

/** The engine gives a sample to an input of the same number of values, whatever its shape: pictures to a row of pixels. */
export function sameSize(input: readonly (number | null)[], sample: readonly number[]): boolean {
  const wanted = count(input);
  return wanted === null ? input.length === sample.length : wanted === count(sample);
}

function withArg(layer: Layer, arg: string, value: Layer['config'][string]): Layer {
  // A stored `batch_shape` would speak against the new one.
  const { batch_shape: _old, batch_input_shape: _older, ...config } = layer.config;
  return { ...layer, config: { ...config, [arg]: value ?? null } };
}

/** The same network with both ends set to the data; layers between are left alone. */
export function adaptToData(doc: Doc, catalog: Catalog, data: DatasetInfo): Doc {
  const layers = { ...doc.layers };
  const answers = Math.max(1, data.labels.length);
  for (const node of Object.values(doc.nodes)) {
    const layer = layers[node.layer];
    const item = layer && catalog.layers.get(layer.className);
    if (!layer || !item) continue;
    if (isSource(item)) {
      const shape =
        item.args.find((arg) => arg.kind === 'shape' && arg.name === 'shape') ??
        item.args.find((arg) => arg.kind === 'shape');
      if (shape)
        layers[layer.id] = withArg(
          layer,
          shape.name,
          shape.name === 'batch_shape' ? [null, ...data.input_shape] : data.input_shape,
        );
    } else if (outEdges(doc, node.id).length === 0) {
      const countArg = item.args.find((arg) => arg.required && arg.kind === 'int');
      if (countArg) layers[layer.id] = { ...layer, config: { ...layer.config, [countArg.name]: answers } };
    }
  }
  return { ...doc, layers };
}
