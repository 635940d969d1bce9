/** The options of a fit from the project's settings, with defaults that suit the data. */
import type { DatasetInfo, Diagnosis, FitOptions, Json, JsonObject } from '@trainyard/types';
import type { Doc } from '../graph/types';
import { makeReference, referenceConfig, referenceName, valueOf, type Catalog } from '../graph/catalog';

export interface TrainSettings {
  optimizer: Json;
  loss: Json;
  batchSize: number;
  epochs: number;
  validationSplit: number;
  seed: number;
  shuffle: boolean;
}

const numberOf = (value: Json | undefined, fallback: number): number => (typeof value === 'number' ? value : fallback);

function defaultLoss(data: DatasetInfo | null, diagnosis: Diagnosis | null, logits: boolean): Json {
  if (!isClassification(data)) return 'mse';
  const shape = diagnosis?.outputs[0]?.shape ?? [];
  const single = data?.labels.length === 2 && shape[shape.length - 1] === 1;
  const name = single ? 'BinaryCrossentropy' : 'SparseCategoricalCrossentropy';
  return makeReference('losses', name, logits ? { from_logits: true } : {});
}

/** The network's last layer has an activation to choose and none chosen: it answers with logits. */
export function endsInLogits(doc: Doc, catalog: Catalog | null): boolean {
  const followed = new Set(Object.values(doc.edges).map((edge) => edge.source));
  return Object.values(doc.nodes).some((node) => {
    const layer = doc.layers[node.layer];
    const arg = catalog?.layers.get(layer?.className ?? '')?.args.find((item) => item.name === 'activation');
    if (!layer || !arg || followed.has(node.id)) return false;
    const name = referenceName(valueOf(layer.config, arg));
    return name === null || name === 'linear';
  });
}

/** A data set with classes to tell apart; numbers are predicted otherwise. */
export function isClassification(data: DatasetInfo | null): boolean {
  return data === null || (data.task !== 'regression' && data.labels.length > 0);
}

/** Small tables need many short epochs, pictures few long ones. */
export function trainDefaults(data: DatasetInfo | null, diagnosis: Diagnosis | null, logits = false): TrainSettings {
  const small = data !== null && data.train_count < 2000;
  const rate = small ? 0.01 : 0.001;
  return {
    optimizer: makeReference('optimizers', 'Adam', { learning_rate: rate }),
    loss: defaultLoss(data, diagnosis, logits),
    batchSize: small ? 8 : 64,
    epochs: small ? 60 : 5,
    validationSplit: small ? 0.2 : 0.1,
    seed: 1,
    shuffle: true,
  };
}

export function trainSettings(
  doc: Doc,
  data: DatasetInfo | null,
  diagnosis: Diagnosis | null,
  catalog: Catalog | null = null,
): TrainSettings {
  const defaults = trainDefaults(data, diagnosis, endsInLogits(doc, catalog));
  const value = (key: string) => doc.settings[`train.${key}`]?.value;
  return {
    optimizer: value('optimizer') ?? defaults.optimizer,
    loss: value('loss') ?? defaults.loss,
    batchSize: numberOf(value('batch_size'), defaults.batchSize),
    epochs: numberOf(value('epochs'), defaults.epochs),
    validationSplit: numberOf(value('validation_split'), defaults.validationSplit),
    seed: numberOf(value('seed'), defaults.seed),
    shuffle: value('shuffle') !== false,
  };
}

const asReference = (value: Json): string | JsonObject => {
  const name = referenceName(value) ?? '';
  return Object.keys(referenceConfig(value)).length === 0 && typeof value === 'string' ? name : (value as JsonObject);
};

export function fitOptions(settings: TrainSettings, classification: boolean): FitOptions {
  return {
    epochs: settings.epochs,
    batch_size: settings.batchSize,
    optimizer: asReference(settings.optimizer),
    loss: asReference(settings.loss),
    metrics: [classification ? 'accuracy' : 'mae'],
    validation_split: settings.validationSplit,
    shuffle: settings.shuffle,
    seed: settings.seed,
  };
}
