/**
 * Keras's operations on tensors (`ops.mean`, `x[:, 0]`). The engine writes one as `ops.GetItem`, its arguments beside the tensors of its
 * call (`operation_call`, with marks for the tensors), so that it can be drawn; Keras has them all in the call.
 */
import type { Json, KerasModelJson } from '@trainyard/types';
import { isObject } from './json';

const prefix = 'ops.';

const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

export const isOperation = (className: string): boolean => className.startsWith(prefix);

/** An operation's arguments with the tensors of its call in the place of their marks. */
function withTensors(value: Json, tensors: Json[]): Json {
  if (Array.isArray(value)) return value.map((item) => withTensors(item, tensors));
  if (!isObject(value)) return value;
  const mark = value['class_name'] === '__input__' && isObject(value['config']) ? value['config']['input'] : undefined;
  if (typeof mark === 'number') return tensors[mark] ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTensors(item, tensors)]));
}

function operationForKeras(entry: Json): Json {
  if (!isObject(entry) || !isObject(entry['operation_call'])) return entry;
  const { operation_call = null, class_name, inbound_nodes, ...rest } = entry;
  const calls = asList(inbound_nodes).map((call) =>
    withTensors(operation_call, isObject(call) ? asList(call['args']) : []),
  );
  const name = typeof class_name === 'string' && isOperation(class_name) ? class_name.slice(prefix.length) : class_name;
  return { ...rest, class_name: name ?? null, inbound_nodes: calls };
}

/** The engine's canonical form as Keras reads it. */
export function forKeras(model: KerasModelJson): KerasModelJson {
  const config = model['config'];
  if (!isObject(config)) return model;
  return { ...model, config: { ...config, layers: asList(config['layers']).map(operationForKeras) } };
}
