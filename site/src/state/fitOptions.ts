/** The options of a fit from the project's settings, with defaults that suit the data. */
import type { DatasetInfo, Diagnosis, FitOptions, Json, JsonObject } from '@trainyard/types';
import type { Doc } from '../graph/types';
import type { LoadedData } from './data';
import { isSource, makeReference, referenceName, valueOf, type Catalog } from '../graph/catalog';
import { plainBy } from '../graph/dictionary';
import { outputNames } from '../graph/ends';
import { defaultTarget, labelTarget } from './targets';
import { isObject } from '../graph/json';

export interface TrainSettings {
  /** The layers the network answers with. */
  outputs: readonly string[];
  optimizer: Json;
  /** A loss, or with several outputs one by output's name; an output without one is not trained. */
  loss: Json;
  /** What each output learns, by its name. */
  targets: Readonly<Record<string, string>>;
  /** A list, or with several outputs one by output's name. */
  metrics: Json;
  lossWeights: JsonObject;
  /** By class number; classes not named weigh 1. */
  classWeight: Record<string, number>;
  callbacks: Json[];
  batchSize: number;
  epochs: number;
  validationSplit: number;
  seed: number;
  shuffle: boolean;
}

const numberOf = (value: Json | undefined, fallback: number): number => (typeof value === 'number' ? value : fallback);
const isByOutput = (value: Json | undefined): value is JsonObject => isObject(value) && !('class_name' in value);

const labelLoss = (data: DatasetInfo | null, shape: readonly (number | null)[], logits: boolean): Json => {
  if (!isClassification(data)) return 'mse';
  const single = data?.labels.length === 2 && shape[shape.length - 1] === 1;
  const name = single ? 'BinaryCrossentropy' : 'SparseCategoricalCrossentropy';
  return makeReference('losses', name, logits ? { from_logits: true } : {});
};

/** The layer that gives the network's (first) answer has an activation to choose and none chosen: it answers with logits. */
export function endsInLogits(doc: Doc, catalog: Catalog | null): boolean {
  const [output] = catalog ? outputsOf(doc, catalog) : [];
  const layer = Object.values(doc.layers).find(({ name }) => name === output);
  const arg = catalog?.layers.get(layer?.className ?? '')?.args.find((item) => item.name === 'activation');
  if (!layer || !arg) return false;
  const name = referenceName(valueOf(layer.config, arg));
  return name === null || name === 'linear';
}

const outputsOf = (doc: Doc, catalog: Catalog | null): string[] =>
  outputNames(doc, (layer) => isSource(catalog?.layers.get(layer.className)), plainBy(catalog));

/** A data set with classes to tell apart; numbers are predicted otherwise. */
export function isClassification(data: DatasetInfo | null): boolean {
  return data === null || (data.task !== 'regression' && data.labels.length > 0);
}

/** Small tables need many short epochs, pictures few long ones. `chosen`: targets that are not the default's. */
export function trainDefaults(
  data: LoadedData | null,
  diagnosis: Diagnosis | null,
  logits = false,
  outputs: readonly string[] = [],
  chosen: Readonly<Record<string, string>> = {},
): TrainSettings {
  const small = data !== null && data.train_count < 2000;
  const rate = small ? 0.01 : 0.001;
  const shapeOf = (index: number) => diagnosis?.outputs[index]?.shape;
  const targets = outputs.map((name, index): [string, string] => [
    name,
    chosen[name] ?? defaultTarget(data, shapeOf(index), index),
  ]);
  const lossOf = (target: string, index: number): Json => {
    if (target !== labelTarget) return 'mse';
    return labelLoss(data, shapeOf(index) ?? [], logits && index === 0);
  };
  const metricsOf = (target: string): Json =>
    target === labelTarget ? [isClassification(data) ? 'accuracy' : 'mae'] : [];
  // Of several outputs those are trained that the data has something for: the first, and whoever copies the sample.
  const trained = targets
    .map(([name, target], index) => ({ name, target, index }))
    .filter(({ name, target, index }) => index === 0 || target !== labelTarget || name in chosen);
  const only = targets[0]?.[1] ?? labelTarget;
  const several = outputs.length > 1;
  return {
    outputs,
    optimizer: makeReference('optimizers', 'Adam', { learning_rate: rate }),
    loss: several
      ? Object.fromEntries(trained.map(({ name, target, index }) => [name, lossOf(target, index)]))
      : lossOf(only, 0),
    targets: Object.fromEntries(targets),
    metrics: several
      ? Object.fromEntries(
          trained
            .filter(({ target }) => target === labelTarget)
            .map(({ name, target }): [string, Json] => [name, metricsOf(target)]),
        )
      : metricsOf(only),
    lossWeights: {},
    classWeight: {},
    callbacks: [],
    batchSize: small ? 8 : 64,
    epochs: small ? 60 : 5,
    validationSplit: data?.endLacksClasses ? 0 : small ? 0.2 : 0.1,
    seed: 1,
    shuffle: true,
  };
}

/** Of several outputs what is said of none in particular is said of the first. */
function byOutput(value: Json, outputs: readonly string[]): Json {
  const [first] = outputs;
  return outputs.length > 1 && first !== undefined ? { [first]: value } : value;
}

const namedOnly = (value: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));

/** A setting in the form that this network's outputs want; layers may have been renamed or removed since it was made. */
function suited(value: Json | undefined, fallback: Json, outputs: readonly string[]): Json {
  if (value === undefined) return fallback;
  if (!isByOutput(value)) return byOutput(value, outputs);
  const known = namedOnly(value, outputs);
  const [first] = Object.values(known);
  if (first === undefined) return fallback;
  return outputs.length > 1 ? known : first;
}

const weights = (value: Json | undefined): Record<string, number> =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
      )
    : {};

const texts = (value: Json | undefined): Record<string, string> =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};

export function trainSettings(
  doc: Doc,
  data: LoadedData | null,
  diagnosis: Diagnosis | null,
  catalog: Catalog | null = null,
): TrainSettings {
  const outputs = outputsOf(doc, catalog);
  const value = (key: string) => doc.settings[`train.${key}`]?.value;
  const defaults = trainDefaults(data, diagnosis, endsInLogits(doc, catalog), outputs, texts(value('targets')));
  const callbacks = value('callbacks');
  return {
    outputs,
    optimizer: value('optimizer') ?? defaults.optimizer,
    loss: suited(value('loss'), defaults.loss, outputs),
    targets: defaults.targets,
    metrics: suited(value('metrics'), defaults.metrics, outputs),
    lossWeights: outputs.length > 1 ? namedOnly(weights(value('loss_weights')), outputs) : {},
    classWeight: weights(value('class_weight')),
    callbacks: Array.isArray(callbacks) ? callbacks : [],
    batchSize: numberOf(value('batch_size'), defaults.batchSize),
    epochs: numberOf(value('epochs'), defaults.epochs),
    validationSplit: numberOf(value('validation_split'), defaults.validationSplit),
    seed: numberOf(value('seed'), defaults.seed),
    shuffle: value('shuffle') !== false,
  };
}

const asReference = (value: Json): string | JsonObject =>
  isObject(value) ? value : typeof value === 'string' ? value : '';
const isReference = (value: Json): value is string | JsonObject => typeof value === 'string' || isObject(value);

/** Only outputs that are trained or measured need something to learn. */
function targetsOf({ outputs, loss, metrics, targets }: TrainSettings): Record<string, string> {
  const has = (value: Json, output: string) => outputs.length === 1 || (isByOutput(value) && output in value);
  return Object.fromEntries(Object.entries(targets).filter(([output]) => has(loss, output) || has(metrics, output)));
}

/** Class weights are for one output that learns the label, as in Keras. */
export const weighsClasses = ({ outputs, targets }: TrainSettings): boolean =>
  outputs.length < 2 && Object.values(targets).every((target) => target === labelTarget);

/** Of several outputs each says for itself; a class weight of 1 is none. */
export function fitOptions(settings: TrainSettings, classification: boolean): FitOptions {
  const classWeight = Object.fromEntries(Object.entries(settings.classWeight).filter(([, weight]) => weight !== 1));
  const weighted = classification && weighsClasses(settings) && Object.keys(classWeight).length > 0;
  return {
    epochs: settings.epochs,
    batch_size: settings.batchSize,
    optimizer: asReference(settings.optimizer),
    loss: asReference(settings.loss),
    metrics: Array.isArray(settings.metrics) ? settings.metrics.filter(isReference) : (settings.metrics as JsonObject),
    validation_split: settings.validationSplit,
    shuffle: settings.shuffle,
    seed: settings.seed,
    targets: targetsOf(settings),
    ...(Object.keys(settings.lossWeights).length > 0 ? { loss_weights: settings.lossWeights } : {}),
    ...(weighted ? { class_weight: classWeight } : {}),
    ...(settings.callbacks.length > 0 ? { callbacks: settings.callbacks.filter(isReference) } : {}),
  };
}
