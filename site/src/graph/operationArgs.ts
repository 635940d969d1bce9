/**
 * What one of Keras's operations was made and called with besides tensors. The schema knows no operations, so a value tells by itself
 * what it is; only those that are there can be changed.
 */
import type { ArgSchema, Json, JsonObject } from '@trainyard/types';
import { isOperation } from './operations';
import { isObject } from './json';
import type { Layer } from './types';

export interface OperationArg {
  /** Where the value stands. */
  place: { in: 'config' | 'kwargs'; key: string } | { in: 'args'; index: number };
  arg: ArgSchema;
  value: Json;
}

const ownKeys = new Set(['name', 'dtype', 'trainable']);

/** A tensor's mark, or a list that holds one: it is drawn as a connection. */
const holdsTensor = (value: Json): boolean =>
  Array.isArray(value) ? value.some(holdsTensor) : isObject(value) && value['class_name'] === '__input__';

const isWhole = (value: Json): boolean => typeof value === 'number' && Number.isInteger(value);

function kindOf(name: string, value: Json): ArgSchema['kind'] {
  if (typeof value === 'boolean') return 'flag';
  if (/^ax[ei]s/.test(name) && (value === null || isWhole(value) || Array.isArray(value))) return 'axis';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'text';
  return Array.isArray(value) && value.length > 0 && value.every(isWhole) ? 'int_list' : 'json';
}

const docs: Readonly<Record<string, string>> = {
  axis: 'Which dimension, or dimensions; the batch is 0, and -1 the last.',
  axes: 'Which dimensions; the batch is 0, and -1 the last.',
  keepdims: 'Keep these dimensions, as sizes of one.',
  dtype: 'The type of the result’s numbers.',
  k: 'How many, or how far.',
};

function argOf(name: string, value: Json): ArgSchema {
  const doc = docs[name] ?? '';
  const kind = kindOf(name, value);
  const nullable = value === null || kind === 'axis';
  return { name, kind, doc, required: false, nullable, default: value, advanced: false };
}

const callOf = (layer: Layer): JsonObject => {
  const call = layer.extra['operation_call'];
  return isObject(call) ? call : {};
};

/** `x[key]` is the one whose call is known by its signs rather than by names. */
export const isSlicing = (layer: Layer): boolean => layer.className === 'ops.GetItem';

export function operationArgs(layer: Layer): OperationArg[] {
  if (!isOperation(layer.className)) return [];
  const { args, kwargs } = callOf(layer);
  const named = (where: 'config' | 'kwargs', values: Json | undefined): OperationArg[] =>
    Object.entries(isObject(values) ? values : {})
      .filter(([key, value]) => !(where === 'config' && ownKeys.has(key)) && !holdsTensor(value))
      .map(([key, value]) => ({ place: { in: where, key }, arg: argOf(key, value), value }));
  const listed = (Array.isArray(args) ? args : []).flatMap((value, index): OperationArg[] => {
    if (holdsTensor(value)) return [];
    const name = isSlicing(layer) && index === 1 ? 'key' : `argument_${index + 1}`;
    return [{ place: { in: 'args', index }, arg: argOf(name, value), value }];
  });
  return [...listed, ...named('kwargs', kwargs), ...named('config', layer.config)];
}

/** The layer with another value in that place. */
export function withOperationArg(layer: Layer, place: OperationArg['place'], value: Json): Layer {
  if (place.in === 'config') return { ...layer, config: { ...layer.config, [place.key]: value } };
  const call = callOf(layer);
  const { args, kwargs } = call;
  const next: JsonObject =
    place.in === 'args'
      ? { ...call, args: (Array.isArray(args) ? args : []).map((old, index) => (index === place.index ? value : old)) }
      : { ...call, kwargs: { ...(isObject(kwargs) ? kwargs : {}), [place.key]: value } };
  return { ...layer, extra: { ...layer.extra, operation_call: next } };
}

// ---------------------------------------------------------------- x[key], as Python writes it

const sliceOf = (start: Json, stop: Json, step: Json): Json => ({
  class_name: '__slice__',
  config: { start, stop, step },
});
const ellipsis: Json = { class_name: '__ellipsis__', config: {} };

function partText(part: Json): string {
  if (part === null) return 'None';
  if (Array.isArray(part)) return `[${part.map(partText).join(', ')}]`;
  if (!isObject(part)) return String(part);
  if (part['class_name'] === '__ellipsis__') return '...';
  const config = isObject(part['config']) ? part['config'] : {};
  const bound = (name: string) => (typeof config[name] === 'number' ? String(config[name]) : '');
  const step = bound('step');
  return `${bound('start')}:${bound('stop')}${step === '' ? '' : `:${step}`}`;
}

/** `:, 0` for what stands between the brackets of `x[:, 0]`. */
export const keyText = (key: Json): string => (Array.isArray(key) ? key : [key]).map(partText).join(', ');

const whole = /^[+-]?\d+$/;

function readPart(text: string): Json | undefined {
  if (whole.test(text)) return Number(text);
  if (text === 'None') return null;
  if (text === '...') return ellipsis;
  if (text.startsWith('[') && text.endsWith(']')) {
    const items = text.slice(1, -1).split(',');
    return items.every((item) => whole.test(item.trim())) ? items.map(Number) : undefined;
  }
  const bounds = text.split(':').map((bound) => bound.trim());
  if (bounds.length < 2 || bounds.length > 3 || !bounds.every((bound) => bound === '' || whole.test(bound)))
    return undefined;
  const [start, stop, step] = bounds.map((bound) => (bound === '' ? null : Number(bound)));
  return sliceOf(start ?? null, stop ?? null, step ?? null);
}

/** What stands between the brackets, as Keras writes it; undefined where it cannot be read. */
export function readKey(text: string): Json | undefined {
  const bare = text.trim().replace(/^x(?=\[)/, '');
  const inner = /^\[.*\]$/.test(bare) && (bare.includes(':') || text.trim() !== bare) ? bare.slice(1, -1) : bare;
  const parts = (inner.match(/\[[^\]]*\]|[^,[\]]+/g) ?? []).map((part) => part.trim()).filter((part) => part !== '');
  const read = parts.map(readPart);
  return parts.length === 0 || read.includes(undefined) ? undefined : (read as Json[]);
}

/** The words on the node: `[:, 0]`, `axis -1 · keepdims`. */
export function operationSummary(layer: Layer): string {
  const words = operationArgs(layer).flatMap(({ arg, value }) => {
    if (isSlicing(layer) && arg.name === 'key') return [`[${keyText(value)}]`];
    if (value === null || value === false) return [];
    if (value === true) return [arg.name];
    const text = Array.isArray(value) ? value.map(partText).join(', ') : JSON.stringify(value);
    return [arg.name.startsWith('argument_') ? text : `${arg.name} ${text}`];
  });
  return words.slice(0, 3).join(' · ');
}
