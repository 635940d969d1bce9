/** Our engine as a contender: through the same client and worker as the page uses. */
import { createEngine } from '@trainyard/client';
import type { Engine, EngineInfo, FitOptions, JsonObject, KerasModelJson, Progress } from '@trainyard/types';
import { batchSize, pictures, type Contender, type NetName, type Task } from './contender';

/** Pictures to train on; what they show plays no part in the speed. */
const trainCount = 100 * batchSize;
const warmBatches = 10;
/** So many predictions are asked for at once, so that the engine never waits for the page. */
const inFlight = 4;

const options: FitOptions = {
  epochs: 1_000_000,
  batch_size: batchSize,
  optimizer: 'adam',
  loss: 'sparse_categorical_crossentropy',
  metrics: [],
  seed: 1,
};

/** The data are pictures: a net that takes rows of 784 numbers gets them through a Flatten, which costs nothing. */
function forPictures(model: KerasModelJson): KerasModelJson {
  const config = model['config'] as { layers: JsonObject[] };
  const isInput = (layer: JsonObject) => layer['class_name'] === 'InputLayer';
  const source = config.layers.find(isInput) as { config: { batch_shape: number[] } } | undefined;
  if (source?.config.batch_shape.length === 4) return model;
  const plain = (layer: JsonObject): JsonObject => ({
    class_name: layer['class_name'] ?? '',
    config: layer['config'] ?? {},
  });
  const layers: JsonObject[] = [
    { class_name: 'InputLayer', config: { batch_shape: [null, 28, 28, 1] } },
    { class_name: 'Flatten', config: {} },
    ...config.layers.filter((layer) => !isInput(layer)).map(plain),
  ];
  return { class_name: 'Sequential', config: { layers } };
}

/** Rate between the first report after the warm-up and the last one. */
class Rate {
  private first: { samples: number; at: number } | null = null;
  private rate = 0;
  /** True once the time is over. */
  add({ samples }: Progress, seconds: number): boolean {
    const at = performance.now();
    if (samples < warmBatches * batchSize) return false;
    this.first ??= { samples, at };
    const elapsed = (at - this.first.at) / 1000;
    if (elapsed > 0 && samples > this.first.samples) this.rate = (samples - this.first.samples) / elapsed;
    return elapsed >= seconds && this.rate > 0;
  }
  get imagesPerSecond(): number {
    return this.rate;
  }
}

export class OurEngine implements Contender {
  readonly name = 'Trainyard';
  private readonly values = pictures();
  private current: NetName | null = null;

  private constructor(private readonly engine: Engine) {}

  /** `baseUrl`: the folder of the .wasm files. */
  static async start(baseUrl: string, wanted: { threads?: number } = {}): Promise<OurEngine> {
    const engine = await createEngine({ baseUrl, ...wanted });
    try {
      await engine.loadData({ kind: 'digits', seed: 1, train: trainCount, test: batchSize });
      return new OurEngine(engine);
    } catch (error) {
      engine.terminate();
      throw error;
    }
  }

  get info(): EngineInfo {
    return this.engine.info;
  }

  get about(): string {
    const { version, threads, simd } = this.info;
    const lanes = simd === 'relaxed' ? 'relaxed SIMD' : 'SIMD';
    return `${version}, wasm, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${lanes}`;
  }

  template(net: NetName): Promise<KerasModelJson> {
    return this.engine.template(net);
  }

  memory(): ReturnType<Engine['memory']> {
    return this.engine.memory();
  }

  async prepare(net: NetName, task: Task): Promise<void> {
    if (net !== this.current) {
      this.current = null;
      const model = forPictures(await this.engine.template(net));
      const { ok, diagnostics } = await this.engine.loadModel({ model, seed: 1, fresh: true });
      if (!ok) throw new Error(diagnostics.map((item) => item.message).join(' '));
      this.current = net;
    }
    await this.measure(task, 0.2);
  }

  measure(task: Task, seconds: number): Promise<number> {
    return task === 'train' ? this.train(seconds) : this.predict(seconds);
  }

  /** From the page's clock: what crosses into JavaScript is part of it. Setting up the plan is not. */
  private async train(seconds: number): Promise<number> {
    const stop = new AbortController();
    const rate = new Rate();
    await this.engine.fit(options, {
      signal: stop.signal,
      progressEveryMs: 20,
      onProgress: (progress) => {
        if (!stop.signal.aborted && rate.add(progress, seconds)) stop.abort();
      },
    });
    return rate.imagesPerSecond;
  }

  /** Every batch travels from the page to the engine, and its answer back. */
  private async predict(seconds: number): Promise<number> {
    const begun = performance.now();
    let images = 0;
    const ask = async () => {
      do {
        await this.engine.predict([{ shape: [batchSize, 28, 28, 1], values: this.values }]);
        images += batchSize;
      } while (performance.now() - begun < seconds * 1000);
    };
    await Promise.all(Array.from({ length: inFlight }, ask));
    return (images * 1000) / (performance.now() - begun);
  }

  close(): void {
    this.engine.terminate();
  }
}
