/** An engine that only pretends to learn. For unit tests and for work on the page (`TRAINYARD_FAKE_ENGINE=1`); never shipped. */
import type {
  CreateEngineOptions,
  DataRequest,
  DatasetInfo,
  Engine,
  EpochEnd,
  FitOptions,
  KerasModelJson,
  Sample,
} from '@trainyard/types';
import { fakeSchema } from './fakeSchema';
import { fakeDiagnosis, templates } from './fakeModels';

const digitInfo: DatasetInfo = {
  name: 'digits',
  input_shape: [28, 28, 1],
  train_count: 10000,
  test_count: 2000,
  labels: '0123456789'.split(''),
  class_counts: [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978],
  features: [],
  bytes: 9_400_000,
};
const irisInfo: DatasetInfo = {
  name: 'iris',
  input_shape: [4],
  train_count: 120,
  test_count: 30,
  labels: ['setosa', 'versicolor', 'virginica'],
  class_counts: [40, 40, 40],
  features: ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)'],
  bytes: 2400,
};

/** A ring for 0, a bar for 1, and blobs for the rest: a picture, not a digit. */
function picture(index: number): Sample {
  const label = index % 10;
  const input = Float32Array.from({ length: 784 }, (_, i) => {
    const x = (i % 28) - 14;
    const y = Math.floor(i / 28) - 14;
    const wave = Math.sin(Math.atan2(y, x) * label + index) * 3;
    return Math.max(0, 1 - Math.abs(Math.hypot(x, y) - 8 - wave) / 2.2);
  });
  return { index, input, label };
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

class FakeEngine implements Engine {
  readonly info = {
    build: 'threads',
    threads: 4,
    simd: 'simd128',
    reason: 'this is the pretended engine',
    version: '0',
    protocol: 1,
  } as const;
  private data = digitInfo;
  private model: KerasModelJson = templates['lenet5'] ?? {};
  private epoch = 0;

  schema = () => Promise.resolve(fakeSchema);
  diagnose: Engine['diagnose'] = ({ model, revision }) => Promise.resolve(fakeDiagnosis(model, revision));
  normalize = (model: KerasModelJson) => Promise.resolve(model);
  template = (name: string) => {
    const model = templates[name];
    return model ? Promise.resolve(model) : Promise.reject(new Error(`There is no template “${name}”.`));
  };

  loadModel: Engine['loadModel'] = ({ model, fresh }) => {
    this.model = model;
    if (fresh) this.epoch = 0;
    return Promise.resolve(fakeDiagnosis(model, 0));
  };

  loadData = async (request: DataRequest) => {
    await wait(300);
    this.data = request.kind === 'iris' ? irisInfo : { ...digitInfo, name: request.kind };
    return this.data;
  };

  samples: Engine['samples'] = ({ start, count }) =>
    Promise.resolve(
      Array.from({ length: count }, (_, i) =>
        this.data.features.length > 0
          ? {
              index: start + i,
              input: Float32Array.from([5 + (i % 3), 3, 1 + 2 * (i % 3), 0.2 + (i % 3)]),
              label: i % 3,
            }
          : picture(start + i),
      ),
    );

  fit: Engine['fit'] = async (options, callbacks) => {
    const steps = Math.ceil(this.data.train_count / options.batch_size);
    const history: EpochEnd[] = [];
    const started = performance.now();
    if (!callbacks?.resume) this.epoch = 0;
    for (; this.epoch < options.epochs; this.epoch += 1) {
      const logsAt = (part: number) => ({
        loss: 2.3 * Math.exp(-1.6 * (this.epoch + part)) + 0.05 + 0.02 * Math.sin(part * 40),
        accuracy: 1 - 0.9 * Math.exp(-2 * (this.epoch + part)),
      });
      for (let part = 0.01; part < 1; part += 0.02) {
        if (callbacks?.signal?.aborted)
          return { state: 'stopped', history, epoch: this.epoch, step: 0, seconds: 1, images_per_second: 9000 };
        await wait(30);
        const elapsed = (performance.now() - started) / 1000;
        callbacks?.onProgress?.({
          epoch: this.epoch,
          epochs: options.epochs,
          step: Math.round(part * steps),
          steps,
          samples: Math.round((this.epoch + part) * this.data.train_count),
          images_per_second: 9213,
          eta_seconds: (options.epochs - this.epoch - part) * 1.5,
          elapsed_seconds: elapsed,
          logs: logsAt(part),
        });
      }
      const logs = {
        ...logsAt(1),
        val_loss: 0.09 + 1.6 * Math.exp(-1.4 * (this.epoch + 1)) + 0.004 * this.epoch,
        val_accuracy: 0.98 - 0.5 * Math.exp(-2 * (this.epoch + 1)),
      };
      const end = { epoch: this.epoch, logs, seconds: 1.5 };
      history.push(end);
      callbacks?.onEpochEnd?.(end);
    }
    return {
      state: 'finished',
      history,
      epoch: this.epoch,
      step: 0,
      seconds: (performance.now() - started) / 1000,
      images_per_second: 9213,
    };
  };

  evaluate: Engine['evaluate'] = () => {
    const n = this.data.labels.length;
    const confusion = Array.from({ length: n }, (_, row) =>
      Array.from({ length: n }, (_unused, column) => (row === column ? 190 : (row * 7 + column * 3) % 4)),
    );
    const mistakes = Array.from({ length: 14 }, (_, i) => ({
      index: i * 3,
      label: (i * 3) % 10,
      predicted: (i * 7 + 1) % n,
      probability: 0.99 - i * 0.03,
    }));
    return Promise.resolve({
      logs: { loss: 0.061, accuracy: 0.981 },
      confusion,
      mistakes,
      samples: this.data.test_count,
      seconds: 0.4,
    });
  };

  predict: Engine['predict'] = () =>
    Promise.resolve({
      outputs: [{ shape: [1, this.data.labels.length], values: this.guess(this.data.labels.length) }],
    });

  predictTexts: Engine['predictTexts'] = (texts) => {
    const { labels } = this.data;
    const values = texts.flatMap((text) => [...this.guess(labels.length, text.length)]);
    return Promise.resolve({
      labels,
      outputs: [{ shape: [texts.length, labels.length], values: Float32Array.from(values) }],
    });
  };

  private guess(count: number, seed = 3): Float32Array {
    const raw = Array.from({ length: count }, (_, i) => Math.exp(i === seed % count ? 3 : Math.sin(i * 5)));
    const sum = raw.reduce((a, b) => a + b, 0);
    return Float32Array.from(raw, (value) => value / sum);
  }

  predictDrawing: Engine['predictDrawing'] = ({ width, height, values }) => {
    const seen = Float32Array.from(
      { length: 784 },
      (_, i) =>
        values[Math.floor((Math.floor(i / 28) / 28) * height) * width + Math.floor(((i % 28) / 28) * width)] ?? 0,
    );
    const ink = seen.reduce((a, b) => a + b, 0);
    return Promise.resolve({
      probabilities: this.guess(10, Math.round(ink / 9)),
      labels: digitInfo.labels,
      seen: { width: 28, height: 28, values: seen },
      empty: ink === 0,
    });
  };

  profile: Engine['profile'] = () => Promise.resolve([]);
  save = () => Promise.resolve(new TextEncoder().encode(JSON.stringify(this.model)));
  open: Engine['open'] = (bytes) => {
    const model = JSON.parse(new TextDecoder().decode(bytes)) as KerasModelJson;
    this.model = model;
    return Promise.resolve({
      model,
      diagnosis: fakeDiagnosis(model, 0),
      labels: digitInfo.labels,
      history: [],
      resumable: false,
      fit: null as FitOptions | null,
      data: null,
    });
  };
  memory = () => Promise.resolve({ wasm_bytes: 33_554_432, arena_bytes: 1e6, variable_bytes: 1e6, data_bytes: 1e7 });
  terminate = () => undefined;
}

export function createEngine(options?: CreateEngineOptions): Promise<Engine> {
  return options?.build === 'single'
    ? Promise.reject(new Error('The pretended engine has threads.'))
    : Promise.resolve(new FakeEngine());
}
