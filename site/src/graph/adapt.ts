/** Making a network's ends fit the data: the input takes a sample's shape, the last layer answers once a class. */
import type { DatasetInfo } from '@trainyard/types';
import { isSource, type Catalog } from './catalog';
import { outEdges, type Doc, type Layer } from './types';

export const sameShape = (a: readonly (number | null)[], b: readonly (number | null)[]): boolean =>
  a.length === b.length && a.every((size, index) => size === null || b[index] === null || size === b[index]);

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
      const count = item.args.find((arg) => arg.required && arg.kind === 'int');
      if (count) layers[layer.id] = { ...layer, config: { ...layer.config, [count.name]: answers } };
    }
  }
  return { ...doc, layers };
}
