/** What a page does with an engine, from end to end; each answers with the facts that a test judges. */
import type {
  DataRequest,
  DatasetInfo,
  Engine,
  EngineError,
  FitCallbacks,
  FitOptions,
  FitResult,
  JsonObject,
  KerasModelJson,
} from '../../client/index';

const fitOptions: FitOptions = {
  epochs: 3,
  batch_size: 32,
  optimizer: 'adam',
  loss: 'sparse_categorical_crossentropy',
  metrics: ['accuracy'],
  seed: 7,
};

async function ready(engine: Engine, name = 'lenet5', train = 2000): Promise<DatasetInfo> {
  const data = await engine.loadData({ kind: 'digits', seed: 3, train, test: 500 });
  await engine.loadModel({ model: await engine.template(name), seed: 7 });
  return data;
}

async function hash(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Of the tensors alone: the header of a safetensors file also tells how long the training took. */
async function weightHash(engine: Engine): Promise<string> {
  const file = await engine.save();
  const header = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return hash(file.subarray(8 + header));
}

function drawing(dark: (x: number, y: number) => boolean): { width: number; height: number; values: Float32Array } {
  const side = 112;
  const values = Float32Array.from({ length: side * side }, (_, i) => (dark(i % side, Math.floor(i / side)) ? 1 : 0));
  return { width: side, height: side, values };
}

const one = drawing((x, y) => x > 51 && x < 60 && y > 20 && y < 92);
const zero = drawing((x, y) => Math.abs(Math.hypot((x - 56) / 0.75, y - 56) - 34) < 5);

const likeliest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, value, i, all) => (value > (all[best] ?? 0) ? i : best), 0);

/** Stops a training after its first report from beyond `step`. */
async function fitAndStop(
  engine: Engine,
  options: FitOptions,
  step: number,
  callbacks: FitCallbacks = {},
): Promise<FitResult> {
  const stop = new AbortController();
  return engine.fit(options, {
    ...callbacks,
    signal: stop.signal,
    onProgress: (progress) => {
      if (progress.epoch > 0 || progress.step >= step) stop.abort();
    },
  });
}

export async function describe(engine: Engine) {
  const schema = await engine.schema();
  const model = await engine.template('lenet5');
  const diagnosis = await engine.diagnose({ model, revision: 5, batch_size: 32, training: fitOptions });
  const normal = await engine.normalize(model);
  return {
    info: engine.info,
    layers: schema.groups.layers.map((item) => item.class_name),
    diagnosis,
    normalTwice: JSON.stringify(await engine.normalize(normal)) === JSON.stringify(normal),
  };
}

/** How a page learns of progress: told by messages, or read. */
export async function progress(engine: Engine) {
  await ready(engine);
  const { worker } = (engine as unknown as { channel: { worker: Worker } }).channel;
  let sent = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<{ type: string }>) => {
    if (data.type === 'progress') ++sent;
  });
  const order: string[] = [];
  let last = NaN;
  await engine.fit(fitOptions, {
    progressEveryMs: 1,
    onProgress: ({ epoch, step, steps }) => {
      last = epoch + step / steps;
      if (order.at(-1) !== `in ${String(epoch)}`) order.push(`in ${String(epoch)}`);
    },
    onEpochEnd: ({ epoch }) => order.push(`end of ${String(epoch)}`),
  });
  return { sent, order, last };
}

export async function train(engine: Engine) {
  const data = await ready(engine);
  const fractions: number[] = [];
  const ends: number[] = [];
  const result = await engine.fit(fitOptions, {
    onProgress: (progress) => fractions.push(progress.epoch + progress.step / progress.steps),
    onEpochEnd: (end) => ends.push(end.epoch),
  });
  const evaluation = await engine.evaluate({ split: 'test' });
  const samples = await engine.samples({ split: 'test', start: 0, count: 3 });
  const values = new Float32Array(samples.flatMap((sample) => [...sample.input]));
  const prediction = await engine.predict([{ shape: [3, ...data.input_shape], values }]);
  return {
    data,
    result,
    fractions,
    ends,
    evaluation,
    outputs: prediction.outputs.map((output) => ({ shape: output.shape, values: [...output.values] })),
    memory: await engine.memory(),
  };
}

/** Drawings are answered while a training runs, and it goes on meanwhile. */
/** What callbacks decide, write and say. */
export async function callBack(engine: Engine) {
  await ready(engine, 'mlp', 500);
  const files = new Map<string, Uint8Array>();
  const messages: string[] = [];
  const result = await engine.fit(
    {
      ...fitOptions,
      epochs: 9,
      validation_split: 0.2,
      callbacks: [
        { class_name: 'EarlyStopping', config: { patience: 2, min_delta: 100, verbose: 1 } },
        { class_name: 'CSVLogger', config: { filename: 'log.csv' } },
        { class_name: 'ModelCheckpoint', config: { filepath: 'best-{epoch}.safetensors' } },
      ],
    },
    { onFile: ({ path, bytes }) => files.set(path, bytes), onMessage: (text) => messages.push(text) },
  );
  const checkpoint = files.get('best-3.safetensors') ?? new Uint8Array();
  const opened = await engine.open(checkpoint.slice().buffer);
  const refused = await engine
    .fit({ ...fitOptions, callbacks: [{ class_name: 'BackupAndRestore', config: { backup_dir: 'b' } }] })
    .then(
      () => 'accepted',
      (error: unknown) => {
        const { diagnostics, message } = error as EngineError;
        return diagnostics[0]?.code ?? message;
      },
    );
  return {
    epochs: result.epoch,
    messages,
    paths: [...files.keys()],
    log: new TextDecoder().decode(files.get('log.csv')),
    resumable: opened.resumable,
    refused,
  };
}

export async function drawWhileTraining(engine: Engine) {
  await ready(engine, 'lenet5', 4000);
  let steps = 0;
  let finished = false;
  const fit = engine
    .fit(
      { ...fitOptions, epochs: 4 },
      { onProgress: (progress) => (steps = progress.epoch * progress.steps + progress.step) },
    )
    .finally(() => (finished = true));
  const answers: { steps: number; empty: boolean; sum: number }[] = [];
  const waits: number[] = [];
  while (!finished && answers.length < 40) {
    const asked = performance.now();
    const answer = await engine.predictDrawing(zero);
    waits.push(performance.now() - asked);
    answers.push({ steps, empty: answer.empty, sum: answer.probabilities.reduce((a, b) => a + b, 0) });
  }
  const result = await fit;
  const after = await Promise.all([engine.predictDrawing(zero), engine.predictDrawing(one)]);
  const nothing = await engine.predictDrawing(drawing(() => false));
  return {
    result,
    answers,
    waits,
    read: after.map((answer) => answer.labels[likeliest(answer.probabilities)]),
    seen: { ...after[0]?.seen, values: [...(after[0]?.seen.values ?? [])] },
    empty: nothing.empty,
  };
}

/** One training at a stretch, stopped and resumed, and saved, closed in the mind of a second engine and resumed there. */
export async function stopAndResume(engine: Engine) {
  const data: DataRequest = { kind: 'digits', seed: 3, train: 2000, test: 100 };
  await ready(engine);
  await engine.fit(fitOptions);
  const straight = await weightHash(engine);

  await engine.loadModel({ model: await engine.template('lenet5'), seed: 7, fresh: true });
  const stopped = await fitAndStop(engine, fitOptions, 20);
  const file = await engine.save();
  const halfway = await weightHash(engine);
  const finished = await engine.fit(fitOptions, { resume: true });
  const resumed = await weightHash(engine);

  const opened = await engine.open(file.slice().buffer);
  await engine.loadData(data);
  const reopened = await weightHash(engine);
  await engine.fit({ ...fitOptions, ...opened.fit }, { resume: true });
  const later = await weightHash(engine);
  return {
    straight,
    halfway,
    resumed,
    reopened,
    later,
    stopped,
    finished,
    resumable: opened.resumable,
    fit: opened.fit,
  };
}

export async function weightsAfterTraining(engine: Engine) {
  await ready(engine);
  await engine.fit({ ...fitOptions, epochs: 1 });
  return { threads: engine.info.threads, hash: await weightHash(engine) };
}

export async function saveAndOpen(engine: Engine) {
  await ready(engine);
  await engine.fit({ ...fitOptions, epochs: 1 });
  const before = await engine.predictDrawing(zero);
  const file = await engine.save();
  await engine.loadModel({ model: await engine.template('mlp'), seed: 1, fresh: true });
  const other = await engine.predictDrawing(zero);
  const opened = await engine.open(file.slice().buffer);
  const after = await engine.predictDrawing(zero);
  return {
    before: [...before.probabilities],
    other: [...other.probabilities],
    after: [...after.probabilities],
    ok: opened.diagnosis.ok,
    labels: opened.labels,
    epochs: opened.history.length,
  };
}

type Outcome = { kind: EngineError['kind']; message: string; paths: string[]; codes: string[] } | 'accepted';

async function outcome(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return 'accepted';
  } catch (error) {
    const { kind, message, diagnostics } = error as EngineError;
    return { kind, message, paths: diagnostics.map((item) => item.path), codes: diagnostics.map((item) => item.code) };
  }
}

const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).slice().buffer;
const file = (name: string, text: string) => ({ name, bytes: bytesOf(text) });
const sequential = (...layers: JsonObject[]): KerasModelJson => ({
  class_name: 'Sequential',
  config: { name: 'm', layers },
});
const input: JsonObject = { class_name: 'InputLayer', config: { batch_shape: [null, 28, 28, 1], name: 'input' } };
const layer = (class_name: string, config: JsonObject): JsonObject => ({
  class_name,
  config: { name: class_name.toLowerCase(), ...config },
});

/** Every mistake gets its message, and the engine works on as if it had not been made. */
export async function badInput(engine: Engine) {
  await ready(engine);
  const before = await engine.predictDrawing(zero);
  const load = (model: KerasModelJson) => engine.loadModel({ model }).then((diagnosis) => diagnosis.diagnostics);
  const outcomes = {
    brokenModelFile: await outcome(engine.open(bytesOf('no model at all'))),
    hugeHeader: await outcome(engine.open(new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127, 1, 2]).buffer)),
    brokenIdx: await outcome(
      engine.loadData({ kind: 'idx', files: [file('a-images-idx3-ubyte', 'xx'), file('a-labels-idx1-ubyte', 'yy')] }),
    ),
    brokenCsv: await outcome(engine.loadData({ kind: 'csv', file: file('t.csv', 'a,b\n1,2,3\n') })),
    noFiles: await outcome(engine.loadData({ kind: 'files', files: [] })),
    zeroBatch: await outcome(engine.fit({ ...fitOptions, batch_size: 0 })),
    unknownOptimizer: await outcome(engine.fit({ ...fitOptions, optimizer: 'atom' })),
    unknownLoss: await outcome(engine.fit({ ...fitOptions, loss: 'gain' })),
    wrongShape: await outcome(engine.predict([{ shape: [1, 5], values: new Float32Array(5) }])),
    shortValues: await outcome(engine.predict([{ shape: [1, 28, 28, 1], values: new Float32Array(5) }])),
    unknownCommand: await outcome(engine.template('resnet9000')),
    modelIsText: await outcome(engine.normalize('no model' as unknown as KerasModelJson)),
  };
  const diagnostics = {
    unknownLayer: await load(sequential(input, layer('Conv9D', {}))),
    impossibleShape: await load(sequential(input, layer('Conv2D', { filters: 4, kernel_size: [31, 31] }))),
    groups: await load(sequential(input, layer('Conv2D', { filters: 6, kernel_size: 3, groups: 4 }))),
    illTyped: await load(sequential(input, layer('Dense', { units: 'many' }))),
  };
  const after = await engine.predictDrawing(zero);
  return {
    outcomes,
    diagnostics,
    unchanged: before.probabilities.every((value, i) => value === after.probabilities[i]),
  };
}

/** A loss that is no number any more ends the training with a word. */
export async function explode(engine: Engine) {
  await ready(engine);
  const options: FitOptions = { ...fitOptions, optimizer: { class_name: 'Adam', config: { learning_rate: 1e38 } } };
  const failed = await outcome(engine.fit(options));
  const again = await engine.fit({ ...fitOptions, epochs: 1 });
  return { failed, again };
}

/** More memory than there is: an error, and the engine that was there before. */
export async function tooLarge(engine: Engine) {
  await ready(engine);
  const before = await engine.predictDrawing(zero);
  const wide = (name: string) => ({ class_name: 'Dense', config: { name, units: 30000 } });
  const loaded = await outcome(
    engine.loadModel({ model: sequential(input, layer('Flatten', {}), wide('a'), wide('b')) }),
  );
  const after = await engine.predictDrawing(zero);
  const result = await engine.fit({ ...fitOptions, epochs: 1 });
  return { loaded, unchanged: before.probabilities.every((value, i) => value === after.probabilities[i]), result };
}

export async function mnist(engine: Engine) {
  const names = [
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    't10k-images-idx3-ubyte',
    't10k-labels-idx1-ubyte',
  ];
  const files = await Promise.all(
    names.map(async (name) => ({ name: `${name}.gz`, bytes: await (await fetch(`/mnist/${name}.gz`)).arrayBuffer() })),
  );
  const left = () => files.every(({ bytes }) => bytes.byteLength > 0);
  const info = await engine.loadData({ kind: 'mnist', files });
  const stillHere = left();
  const again = await engine.loadData({ kind: 'mnist', files }, { transfer: true });
  return { info, stillHere, same: JSON.stringify(again) === JSON.stringify(info), givenAway: !left() };
}

/** Anything: for what happens to the engine itself. */
export async function ask(engine: Engine) {
  return (await engine.schema()).protocol;
}

/** A built-in model for the digits' own shape: `mlp` takes rows of 784. */
async function forPictures(engine: Engine, name: string): Promise<KerasModelJson> {
  if (name !== 'mlp') return engine.template(name);
  const dense = (units: number, activation: string, id: string) => ({
    class_name: 'Dense',
    config: { name: id, units, activation },
  });
  return sequential(
    input,
    layer('Flatten', {}),
    dense(512, 'relu', 'a'),
    dense(512, 'relu', 'b'),
    dense(10, 'softmax', 'c'),
  );
}

async function speedOf(engine: Engine, name: string, images: number) {
  await engine.loadModel({ model: await forPictures(engine, name), seed: 7, fresh: true });
  const options: FitOptions = { ...fitOptions, batch_size: 128, epochs: 1 };
  let firstStepMs = NaN;
  const begun = performance.now();
  await engine.fit(options, {
    onProgress: (progress) => {
      if (Number.isNaN(firstStepMs) && progress.epoch + progress.step > 0) firstStepMs = performance.now() - begun;
    },
  });
  const rates: number[] = [];
  for (let run = 0; run < 3; run++) rates.push((await engine.fit(options)).images_per_second);
  const values = new Float32Array(images * 784).fill(0.3);
  const shape = [images, 28, 28, 1];
  const predicted: number[] = [];
  for (let run = 0; run < 3; run++) {
    const asked = performance.now();
    await engine.predict([{ shape, values }]);
    predicted.push((images * 1000) / (performance.now() - asked));
  }
  await engine.profile(true);
  await engine.fit(options);
  const profile = (await engine.profile(false)).slice(0, 8);
  return {
    name,
    train: Math.max(...rates),
    predict: Math.max(...predicted),
    firstStepMs,
    memory: await engine.memory(),
    profile,
  };
}

/** Images a second, the best of three runs each; batch 128. */
export async function speed(engine: Engine) {
  const images = 5120;
  await engine.loadData({ kind: 'digits', seed: 3, train: images, test: 100 });
  const rows: Awaited<ReturnType<typeof speedOf>>[] = [];
  for (const name of ['mlp', 'lenet5', 'cnn']) rows.push(await speedOf(engine, name, images));
  return { info: engine.info, rows };
}
