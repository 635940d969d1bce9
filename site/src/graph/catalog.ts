/** What the schema says about classes, looked up by name. */
import type { ArgSchema, ClassSchema, Group, Json, JsonObject, Schema } from '@trainyard/types';
import { snakeCase } from './names';
import { isObject } from './json';

export type Catalog = Readonly<Record<Group, ReadonlyMap<string, ClassSchema>>>;

/** By class name, alias, and the snake_case name that Keras takes for losses, optimizers and metrics. A missing group is empty. */
function byName(items: readonly ClassSchema[] = []): ReadonlyMap<string, ClassSchema> {
  const snake = items.map((item) => [snakeCase(item.class_name), item] as const);
  const aliases = items.flatMap((item) => item.aliases.map((alias) => [alias, item] as const));
  return new Map([...snake, ...aliases, ...items.map((item) => [item.class_name, item] as const)]);
}

export function makeCatalog({ groups }: Schema): Catalog {
  return {
    layers: byName(groups.layers),
    activations: byName(groups.activations),
    initializers: byName(groups.initializers),
    regularizers: byName(groups.regularizers),
    constraints: byName(groups.constraints),
    losses: byName(groups.losses),
    metrics: byName(groups.metrics),
    optimizers: byName(groups.optimizers),
    schedules: byName(groups.schedules),
    callbacks: byName(groups.callbacks),
  };
}

/** Every class of a group once, in the schema's order. */
export function classesOf(catalog: Catalog, group: Group): ClassSchema[] {
  return [...new Set(catalog[group].values())];
}

/** A layer that takes no tensor stands at the beginning of a model. */
export const isSource = (item: ClassSchema | undefined): boolean => item?.inputs?.min === 0;
export function maxInputs(item: ClassSchema | undefined): number {
  if (!item?.inputs) return 1;
  return isSource(item) ? 0 : (item.inputs.max ?? Infinity);
}

/** A value to begin with where the schema gives none: small, valid, and of the right kind. */
export function starterValue(arg: ArgSchema, catalog: Catalog): Json {
  if (arg.default !== null || !arg.required) return arg.default;
  const clamp = (value: number) => Math.min(arg.max ?? Infinity, Math.max(arg.min ?? -Infinity, value));
  switch (arg.kind) {
    case 'flag':
      return false;
    case 'int':
      return clamp(32);
    case 'float':
    case 'number_or_schedule':
      return clamp(0.5);
    case 'text':
    case 'dtype':
      return arg.choices?.[0] ?? '';
    case 'choice':
      return arg.choices?.[0] ?? null;
    case 'int_tuple':
      return Array.from({ length: arg.length ?? 2 }, () => clamp(3));
    case 'padding':
      return Array.from({ length: arg.length ?? 2 }, () => [1, 1]);
    case 'int_list':
      return [1];
    case 'shape':
      return [-1];
    case 'axis':
      return -1;
    case 'reference': {
      const known = arg.group ? catalog[arg.group] : undefined;
      return known?.has('relu') ? 'relu' : ([...(known?.keys() ?? [])][0] ?? null);
    }
    case 'json':
      return null;
  }
}

export function valueOf(config: JsonObject, arg: ArgSchema): Json {
  return config[arg.name] ?? (arg.name in config ? null : arg.default);
}

/** Hidden while the argument it depends on has another value. */
export function isVisible(arg: ArgSchema, item: ClassSchema, config: JsonObject): boolean {
  const rule = arg.visible_when;
  if (!rule) return true;
  const other = item.args.find((candidate) => candidate.name === rule.arg);
  const value = other ? valueOf(config, other) : (config[rule.arg] ?? null);
  return rule.values.some((candidate) => JSON.stringify(candidate) === JSON.stringify(value));
}

/** The class named by a reference value: a name, or `{class_name, config}`. */
export function referenceName(value: Json): string | null {
  if (typeof value === 'string') return value;
  if (isObject(value)) {
    const name = value['class_name'];
    return typeof name === 'string' ? name : null;
  }
  return null;
}

export function referenceConfig(value: Json): JsonObject {
  if (isObject(value)) {
    const config = value['config'];
    if (isObject(config)) return config;
  }
  return {};
}

/** A reference as Keras writes it: a bare name where the class has no arguments set, else the object. */
export function makeReference(group: Group, className: string, config: JsonObject): Json {
  if (group === 'activations' && Object.keys(config).length === 0) return className;
  return { module: `keras.${group}`, class_name: className, config, registered_name: null };
}
