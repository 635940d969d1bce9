/** A model used as a layer: its own layers, each with its arguments; those of a Sequential can be added, moved and removed too. */
import type { Json, JsonObject } from '@trainyard/types';
import { setArgument } from '../../commands/edits';
import { isSource, type Catalog } from '../../graph/catalog';
import type { Layer } from '../../graph/types';
import { currentDoc, performCommand } from '../../state/project';
import { ArgForm } from '../../widgets/ArgForm';
import { NestedLayers } from '../../widgets/list';
import { isObject } from '../../graph/json';

/** Keras writes a nested model as a layer whose config holds layers. */
export const isNestedModel = (layer: Layer): boolean =>
  /^(Sequential|Functional|Model)$/.test(layer.className) && Array.isArray(layer.config['layers']);

const innerLayers = (layer: Layer): JsonObject[] =>
  Array.isArray(layer.config['layers']) ? layer.config['layers'].filter(isObject) : [];

const configOf = (entry: JsonObject): JsonObject => (isObject(entry['config']) ? entry['config'] : {});
const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function change(layer: Layer, layers: readonly Json[]): void {
  performCommand(setArgument(currentDoc(), layer.id, 'layers', [...layers]));
}

/** Keras's operations are called like layers at times, and have other arguments. */
const isOperation = (entry: JsonObject): boolean => textOf(entry['module']).startsWith('keras.src.ops');

/** The wiring inside a Functional stays as it came; its layers' arguments can be changed. */
function FunctionalLayers({ layer, catalog }: { layer: Layer; catalog: Catalog }) {
  const layers = innerLayers(layer);
  const set = (index: number, name: string, value: Json) =>
    change(
      layer,
      layers.map((entry, at) => (at === index ? { ...entry, config: { ...configOf(entry), [name]: value } } : entry)),
    );
  return layers.map((entry, index) => {
    const item = isOperation(entry) ? undefined : catalog.layers.get(textOf(entry['class_name']));
    return item ? (
      <details key={index} className="fold">
        <summary>
          {textOf(entry['name']) || textOf(configOf(entry)['name'])} <span className="muted">{item.class_name}</span>
        </summary>
        <ArgForm
          item={item}
          config={configOf(entry)}
          catalog={catalog}
          problems={[]}
          idPrefix={`nested-${layer.id}-${index}`}
          onChange={(name, value) => set(index, name, value)}
        />
      </details>
    ) : null;
  });
}

function SequentialLayers({ layer, catalog }: { layer: Layer; catalog: Catalog }) {
  const all = innerLayers(layer);
  const isInput = (entry: JsonObject) => isSource(catalog.layers.get(textOf(entry['class_name'])));
  return (
    <NestedLayers
      layers={all.filter((entry) => !isInput(entry))}
      id={`nested-${layer.id}`}
      describedBy=""
      invalid={false}
      catalog={catalog}
      onProblem={() => undefined}
      onChange={(next) => change(layer, [...all.filter(isInput), ...(Array.isArray(next) ? next : [])])}
    />
  );
}

export function NestedModel({ layer, catalog }: { layer: Layer; catalog: Catalog }) {
  if (!isNestedModel(layer)) return null;
  const Layers = layer.className === 'Sequential' ? SequentialLayers : FunctionalLayers;
  return (
    <section aria-label="Layers inside">
      <h3>Layers inside</h3>
      <Layers layer={layer} catalog={catalog} />
    </section>
  );
}
