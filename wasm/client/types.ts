/**
 * The contract between a web page and the Trainyard engine, as used by the typed client (`client.ts`), the worker and the site.
 * JSON that crosses the boundary keeps the engine's snake_case names; everything that is only TypeScript is camelCase.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

// ---------------------------------------------------------------- schema: everything that can be used, from the C++ declarations

/** What an argument holds; the site maps each kind to one widget and never names a layer. */
export type ArgKind =
  | 'flag' // true or false
  | 'int'
  | 'float'
  | 'text'
  | 'choice' // one of `choices`
  | 'int_tuple' // exactly `length` integers; a single integer stands for all of them
  | 'int_list' // any number of integers (axes, dims)
  | 'shape' // a tensor shape without the batch; null entries are unknown sizes
  | 'padding' // per spatial dimension: one number, or a [before, after] pair; `length` dimensions
  | 'axis' // an integer or a list of integers
  | 'dtype' // a dtype or a policy name
  | 'reference' // an object of `group` (by name or as {class_name, config})
  | 'number_or_schedule' // a float, or an object of group "schedules"
  | 'json'; // anything else, shown as text

export type Group =
  | 'layers'
  | 'activations'
  | 'initializers'
  | 'regularizers'
  | 'constraints'
  | 'losses'
  | 'metrics'
  | 'optimizers'
  | 'schedules'
  | 'callbacks';

export interface ArgSchema {
  name: string;
  kind: ArgKind;
  doc: string;
  required: boolean;
  /** null is an accepted value. */
  nullable: boolean;
  default: Json;
  advanced: boolean;
  min?: number;
  max?: number;
  choices?: string[];
  length?: number;
  group?: Group;
  /** Shown only while another argument has one of these values. */
  visible_when?: { arg: string; values: Json[] };
}

export interface ClassSchema {
  class_name: string;
  group: Group;
  /** For layers Keras's family: core, convolutional, pooling, normalization, regularization, reshaping, merging, activations, preprocessing ... */
  family: string;
  doc: string;
  aliases: string[];
  args: ArgSchema[];
  /** Layers only: how many tensors the layer takes. `max` null: any number. */
  inputs?: { min: number; max: number | null };
  /** Layers only: the arguments worth showing on the node, in order. */
  summary_args?: string[];
  /**
   * Layers that take a dictionary only: the entries that they know, sorted, "bounding_boxes.boxes" for a dictionary within it. A call with
   * a dictionary has one output for each entry, in that order.
   */
  dictionary_entries?: string[];
  /** The entry that a call without a dictionary gives. */
  plain_entry?: string;
  /** The argument whose layers a dictionary goes through, where they say what it may hold. */
  dictionary_of?: string;
}

export interface Schema {
  protocol: number;
  hash: string;
  groups: Record<Group, ClassSchema[]>;
}

// ---------------------------------------------------------------- models

/**
 * A model is a Keras JSON object: Sequential or Functional, `{class_name, config: {name, layers, input_layers, output_layers}}`.
 * Each entry of `layers` may carry `"id"`, a stable node id of the page's own; diagnostics give it back.
 * The engine's canonical form (`normalize`) is always Functional with Keras 3 `inbound_nodes`.
 */
export type KerasModelJson = JsonObject;

export interface Diagnostic {
  /** Stable machine name, e.g. "conv.groups_divide_filters". */
  code: string;
  severity: 'error' | 'warning';
  /** Where: `layers[3].groups`, `optimizer.learning_rate`, `data.labels`. */
  path: string;
  /** The page's node id, where the mistake belongs to a layer. */
  node: string | null;
  /** The argument, where it belongs to one. */
  arg: string | null;
  /** The finished English sentence. */
  message: string;
  /** A suggested mend, or "". */
  fix: string;
  params: JsonObject;
}

export interface LayerReport {
  id: string;
  name: string;
  class_name: string;
  family: string;
  /** One shape per output; null is the batch or another unknown size. Empty when the layer could not be built. */
  output_shapes: (number | null)[][];
  params: number;
  trainable_params: number;
  /** Multiply-accumulates for one sample, forward. */
  macs: number;
  /** Bytes of activations for one sample. */
  activation_bytes: number;
  inbound: string[];
}

export interface Diagnosis {
  revision: number;
  ok: boolean;
  diagnostics: Diagnostic[];
  layers: LayerReport[];
  totals: {
    params: number;
    trainable_params: number;
    macs: number;
    /** Arena + variables + optimizer slots at the batch size asked for; 0 when the model is not valid. */
    training_bytes: number;
  };
  inputs: { name: string; shape: (number | null)[]; dtype: string }[];
  outputs: { name: string; shape: (number | null)[]; dtype: string }[];
}

// ---------------------------------------------------------------- data

/**
 * `file` datasets: gzip is recognised by its first bytes. Names decide the reader (idx / csv / png / jpg).
 * `shuffle` (true unless said): the training samples of tables (iris too) and of folders of pictures are mixed once by the seed, since they
 * may be sorted by class and validation takes the last part.
 */
export type DataRequest =
  | { kind: 'digits'; seed?: number; train?: number; test?: number }
  | { kind: 'iris'; seed?: number; test_fraction?: number; shuffle?: boolean }
  | { kind: 'mnist'; files: { name: string; bytes: ArrayBuffer }[] }
  | { kind: 'idx'; files: { name: string; bytes: ArrayBuffer }[] }
  /** Any files: one CSV, two or four IDX, or pictures in a folder for each class (names with '/'). */
  | {
      kind: 'files';
      name?: string;
      files: { name: string; bytes: ArrayBuffer }[];
      /** Of a table: the column to predict; the last unless said. */
      label?: string;
      test_fraction?: number;
      seed?: number;
      shuffle?: boolean;
    }
  | {
      kind: 'csv';
      file: { name: string; bytes: ArrayBuffer };
      label?: string;
      test_fraction?: number;
      seed?: number;
      shuffle?: boolean;
    };

export interface DatasetInfo {
  name: string;
  /** Shape of one sample, without the batch. */
  input_shape: number[];
  train_count: number;
  test_count: number;
  /** Class names in label order; empty for regression. */
  labels: string[];
  /** Samples a class in the training set, in label order. */
  class_counts: number[];
  /** Column names for tables, else empty. */
  features: string[];
  /** Those of the features that hold a column's numbers (the others stand for a word each): what outputs can learn besides the label. */
  columns?: string[];
  /** What the label is called; "" where it has no name. */
  target?: string;
  /** The training samples were mixed when they were loaded. */
  mixed?: boolean;
  bytes: number;
  /** Where it came from, for people. */
  source?: string;
  task?: 'classification' | 'regression';
  /** Tables: how columns were scaled, value seen = (value - mean) / deviation. Absent where they were not. */
  standardization?: { mean: number[]; deviation: number[] };
  notes?: Diagnostic[];
}

export interface Sample {
  index: number;
  /** Values as the network sees them (scaled), row major in `input_shape`. */
  input: Float32Array;
  label: number;
}

// ---------------------------------------------------------------- training

export interface FitOptions {
  epochs: number;
  batch_size: number;
  /** A name ("adam") or {class_name, config}; the schema says which. */
  optimizer: string | JsonObject;
  loss: string | JsonObject;
  /** Of a network with several outputs both losses and metrics may be objects by output name; an output without a loss is not trained. */
  metrics?: (string | JsonObject)[] | JsonObject;
  /**
   * What each output learns, by output name: "label", "input" (the sample itself as the network gets it), or the name of a table's column of
   * numbers (standardised, as the network gets it). Of the outputs not named the first learns the label, unless it answers with as many
   * values as a picture has; others learn the input where they answer with as many values as a sample has.
   */
  targets?: JsonObject;
  /** Factors of the outputs' losses in the sum, by output name. */
  loss_weights?: JsonObject;
  validation_split?: number;
  shuffle?: boolean;
  seed?: number;
  class_weight?: Record<string, number> | null;
  /** Names or {class_name, config} of the schema's group "callbacks", called in this order. BackupAndRestore is refused in a page. */
  callbacks?: (string | JsonObject)[];
}

/** A file that a callback has written: a CSV log (anew with every row), or a model (ModelCheckpoint). */
export interface WrittenFile {
  path: string;
  bytes: Uint8Array;
}

/** How far a training is: read from shared memory at the page's own pace where the page is isolated, else sent between slices. */
export interface Progress {
  epoch: number; // from 0
  epochs: number;
  step: number; // within the epoch, from 0
  steps: number;
  /** Samples trained since fit began. */
  samples: number;
  images_per_second: number;
  eta_seconds: number;
  elapsed_seconds: number;
  /** Running means over the epoch so far, as Keras prints them: loss, accuracy, ... */
  logs: Record<string, number>;
}

export interface EpochEnd {
  epoch: number;
  /** loss, accuracy, val_loss, val_accuracy ... */
  logs: Record<string, number>;
  seconds: number;
}

export interface FitResult {
  /** finished: all epochs done; stopped: `signal` or `stop()`; can be resumed with `fit({...}, {resume: true})`. */
  state: 'finished' | 'stopped';
  history: EpochEnd[];
  epoch: number;
  step: number;
  seconds: number;
  images_per_second: number;
}

export interface FitCallbacks {
  onProgress?: (progress: Progress) => void;
  /** How often progress is looked for, in milliseconds (default: 50); hidden pages are slowed down by their browser. */
  progressEveryMs?: number;
  onEpochEnd?: (end: EpochEnd) => void;
  /** What callbacks write goes to the page, which may offer it as a download. */
  onFile?: (file: WrittenFile) => void;
  /** What callbacks say ("Epoch 4: early stopping"), in English. */
  onMessage?: (text: string) => void;
  signal?: AbortSignal;
  /** Go on from where a stopped fit (or an opened file) left off. */
  resume?: boolean;
}

export interface Evaluation {
  logs: Record<string, number>;
  /** Row = true class, column = predicted class; empty for regression. */
  confusion: number[][];
  /** Test indices that were read wrongly, worst first, at most 100. */
  mistakes: { index: number; label: number; predicted: number; probability: number }[];
  samples: number;
  seconds: number;
}

export interface Prediction {
  /** One tensor per model output, row major, batch first. */
  outputs: { shape: number[]; values: Float32Array }[];
}

export interface DrawingPrediction {
  probabilities: Float32Array;
  labels: string[];
  /** What the network sees, after crop, scale and centring as MNIST was prepared; row major, 0..1. */
  seen: { width: number; height: number; values: Float32Array };
  /** Nothing was drawn. */
  empty: boolean;
}

// ---------------------------------------------------------------- the engine

export type BuildName = 'threads-relaxed' | 'threads' | 'single';

export interface EngineInfo {
  build: BuildName;
  threads: number;
  simd: 'relaxed' | 'simd128';
  /** Why this build was chosen, in plain words ("the page is not isolated, so one thread"). */
  reason: string;
  version: string;
  protocol: number;
}

export interface CreateEngineOptions {
  /** Folder that holds worker.js and the .wasm files; default: beside the client module. */
  baseUrl?: string;
  /** Force a build (tests, bench); else feature detection decides. */
  build?: BuildName;
  /** Default: cores - 1 when there are more than two, else the cores. */
  threads?: number;
  /** Called when the engine dies (out of memory, trap). The engine object is then useless; `restart()` makes a new one. */
  onCrash?: (error: EngineError) => void;
}

/** Every rejected promise carries one of these. */
export interface EngineError {
  kind: 'invalid' | 'out_of_memory' | 'crashed' | 'cancelled' | 'protocol';
  message: string;
  diagnostics: Diagnostic[];
}

export interface Engine {
  readonly info: EngineInfo;
  schema(): Promise<Schema>;
  /** Validates and measures a model without loading it. Answers carry the revision they were asked for. Never rejects for user mistakes. */
  diagnose(request: {
    model: KerasModelJson;
    revision: number;
    batch_size?: number;
    training?: Partial<FitOptions>;
  }): Promise<Diagnosis>;
  /** Any accepted Keras JSON to the canonical Functional form with every argument spelled out. */
  normalize(model: KerasModelJson): Promise<KerasModelJson>;
  /** Built-in models: "mlp", "lenet5", "cnn". Canonical form. */
  template(name: string): Promise<KerasModelJson>;
  /** Makes a model current. Weights of layers whose id, class and weight shapes are unchanged are kept unless `fresh`. */
  loadModel(request: { model: KerasModelJson; seed?: number; fresh?: boolean }): Promise<Diagnosis>;
  /** `transfer`: the buffers of the request's files are given away, and empty here from then on, instead of being copied. */
  loadData(request: DataRequest, options?: { transfer?: boolean }): Promise<DatasetInfo>;
  samples(request: { split: 'train' | 'test'; start: number; count: number }): Promise<Sample[]>;
  fit(options: FitOptions, callbacks?: FitCallbacks): Promise<FitResult>;
  evaluate(request: { split: 'train' | 'test'; batch_size?: number }): Promise<Evaluation>;
  predict(inputs: { shape: number[]; values: Float32Array }[]): Promise<Prediction>;
  /** Texts, one a sample, for a model whose only input takes text. */
  predictTexts(texts: readonly string[]): Promise<Prediction & { labels: string[] }>;
  /** Ink drawn by the user: alpha or grey levels 0..1, 1 = ink, any size. May be called while fit runs. */
  predictDrawing(drawing: { width: number; height: number; values: Float32Array }): Promise<DrawingPrediction>;
  /** Per-op times of the last steps, slowest first (only when asked for by `profile(true)`). */
  profile(on: boolean): Promise<{ op: string; layer: string; calls: number; milliseconds: number }[]>;
  /** The saved model: one safetensors file (config, preprocessing, labels, training state, weights, slots). */
  save(): Promise<Uint8Array>;
  /** Opens a saved model; the answer says what it holds. Data that are there come in its terms where they are alike: `data`. */
  open(bytes: ArrayBuffer): Promise<{
    model: KerasModelJson;
    diagnosis: Diagnosis;
    labels: string[];
    history: EpochEnd[];
    resumable: boolean;
    fit: FitOptions | null;
    data: DatasetInfo | null;
  }>;
  memory(): Promise<{ wasm_bytes: number; arena_bytes: number; variable_bytes: number; data_bytes: number }>;
  terminate(): void;
}
