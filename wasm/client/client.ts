/**
 * The typed client: one class over a worker. Every method is one message and its answer. Buffers stay the caller's: they are copied
 * once, and the copy is given away, where a message would copy them on both sides.
 */
import type { FromWorker, Reply, Request, ToWorker } from '../worker/protocol';
import { ProgressBoard } from '../worker/progressBoard';
import { chooseBuild, detectFeatures, withoutThreads, type Choice } from './features';
import type {
  CreateEngineOptions,
  DataRequest,
  DatasetInfo,
  Diagnosis,
  DrawingPrediction,
  Engine,
  EngineError,
  EngineInfo,
  Evaluation,
  FitCallbacks,
  FitOptions,
  FitResult,
  Json,
  KerasModelJson,
  Prediction,
  Sample,
  Schema,
} from './types';

interface Pending {
  resolve: (reply: Reply) => void;
  reject: (error: EngineError) => void;
  callbacks?: FitCallbacks;
}

/** Reads a training's progress now and then, after what its messages told. */
class ProgressReader {
  private messages = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly board: ProgressBoard,
    private readonly callbacks: FitCallbacks,
  ) {
    this.later();
  }

  /** The same callbacks, with their calls counted. */
  counting(): FitCallbacks {
    const { onEpochEnd, onFile, onMessage } = this.callbacks;
    const counted =
      <T>(told?: (value: T) => void) =>
      (value: T) => {
        ++this.messages;
        told?.(value);
      };
    return {
      ...this.callbacks,
      onEpochEnd: counted(onEpochEnd),
      onFile: counted(onFile),
      onMessage: counted(onMessage),
    };
  }

  /** Reads once more what was written last. */
  end(): void {
    clearTimeout(this.timer);
    this.look();
  }

  private later(): void {
    this.timer = setTimeout(() => {
      this.later();
      this.look();
    }, this.callbacks.progressEveryMs ?? defaultPaceMs);
  }

  private look(): void {
    const progress = this.board.read(this.messages);
    if (progress) this.callbacks.onProgress?.(progress);
  }
}
const defaultPaceMs = 50;

const asJson = (value: unknown): Json => value as Json;

/**
 * Buffers that travel to the worker with the numbers to predict from, and come back with the answer: to make one of a batch's
 * size anew (and to collect it) costs a tenth of what the prediction does.
 */
class TravellingBuffers {
  private readonly home: Float32Array<ArrayBuffer>[] = [];

  copyOf(values: Float32Array): Float32Array<ArrayBuffer> {
    const found = this.home.findIndex((buffer) => buffer.length === values.length);
    const [buffer = new Float32Array(values.length)] = found < 0 ? [] : this.home.splice(found, 1);
    buffer.set(values);
    return buffer;
  }

  takeBack(buffers: readonly Float32Array<ArrayBuffer>[]): void {
    this.home.unshift(...buffers.filter((buffer) => buffer.byteLength <= mostKeptBytes));
    this.home.length = Math.min(this.home.length, mostKept);
  }
}
const mostKept = 8;
const mostKeptBytes = 2 ** 22;

/** Numbers calls, matches answers, and turns the worker's death into rejections. */
class Channel {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private dead: EngineError | null = null;

  constructor(
    private readonly worker: Worker,
    private readonly onCrash: (error: EngineError) => void,
  ) {
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.receive(event.data);
    worker.onerror = (event) =>
      this.die({ kind: 'crashed', message: event.message || 'The engine could not be started', diagnostics: [] });
  }

  send(request: Request, transfer: Transferable[] = [], callbacks?: FitCallbacks): Promise<Reply> {
    if (this.dead) return Promise.reject(this.dead);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, ...(callbacks ? { callbacks } : {}) });
      this.worker.postMessage({ id, request } satisfies ToWorker, transfer);
    });
  }

  close(error: EngineError): void {
    this.dead = error;
    this.worker.terminate();
    for (const call of this.pending.values()) call.reject(error);
    this.pending.clear();
  }

  private receive(message: FromWorker): void {
    const call = this.pending.get(message.id);
    if (!call) return;
    if (message.type === 'progress') return call.callbacks?.onProgress?.(message.progress);
    if (message.type === 'epochEnd') return call.callbacks?.onEpochEnd?.(message.end);
    if (message.type === 'message') return call.callbacks?.onMessage?.(message.text);
    if (message.type === 'file') return call.callbacks?.onFile?.(message.file);
    this.pending.delete(message.id);
    if (message.type === 'reply') return call.resolve(message.reply);
    if (message.type !== 'error') return;
    call.reject(message.error);
    if (message.fatal) this.die(message.error);
  }

  private die(error: EngineError): void {
    if (this.dead) return;
    this.close(error);
    this.onCrash(error);
  }
}

class WorkerEngine implements Engine {
  private readonly buffers = new TravellingBuffers();

  constructor(
    readonly info: EngineInfo,
    private readonly channel: Channel,
  ) {}

  private async call<T>(command: string, request: unknown = null): Promise<T> {
    return (await this.channel.send({ method: 'call', command, json: asJson(request) })).json as T;
  }

  schema(): Promise<Schema> {
    return this.call('schema');
  }

  diagnose(request: {
    model: KerasModelJson;
    revision: number;
    batch_size?: number;
    training?: Partial<FitOptions>;
  }): Promise<Diagnosis> {
    return this.call('diagnose', request);
  }

  normalize(model: KerasModelJson): Promise<KerasModelJson> {
    return this.call('normalize', model);
  }

  template(name: string): Promise<KerasModelJson> {
    return this.call('template', name);
  }

  loadModel(request: { model: KerasModelJson; seed?: number; fresh?: boolean }): Promise<Diagnosis> {
    return this.call('load_model', request);
  }

  async loadData(request: DataRequest, { transfer = false } = {}): Promise<DatasetInfo> {
    const { files, json } = splitFiles(request);
    const given = transfer ? files : files.map(({ name, bytes }) => ({ name, bytes: bytes.slice(0) }));
    const reply = await this.channel.send(
      { method: 'loadData', json, files: given },
      given.map(({ bytes }) => bytes),
    );
    return reply.json as DatasetInfo;
  }

  async samples(request: { split: 'train' | 'test'; start: number; count: number }): Promise<Sample[]> {
    const reply = await this.channel.send({ method: 'samples', json: request });
    const { samples } = reply.json as { samples: { index: number; label: number }[] };
    const values = reply.tensors?.[0] ?? new Float32Array();
    const size = samples.length > 0 ? values.length / samples.length : 0;
    return samples.map((sample, i) => ({ ...sample, input: values.subarray(i * size, (i + 1) * size) }));
  }

  async fit(options: FitOptions, callbacks: FitCallbacks = {}): Promise<FitResult> {
    const { signal, resume } = callbacks;
    const stop = () => void this.channel.send({ method: 'stop' }).catch(() => undefined);
    if (signal?.aborted)
      return Promise.reject({
        kind: 'cancelled',
        message: 'Stopped before it began',
        diagnostics: [],
      } satisfies EngineError);
    signal?.addEventListener('abort', stop, { once: true });
    const board = callbacks.onProgress ? ProgressBoard.make() : null;
    const reader = board ? new ProgressReader(board, callbacks) : null;
    try {
      const request: Request = {
        method: 'fit',
        json: asJson({ ...options, ...(resume ? { resume: true } : {}) }),
        ...(board ? { board: board.memory } : {}),
      };
      return (await this.channel.send(request, [], reader?.counting() ?? callbacks)).json as FitResult;
    } finally {
      reader?.end();
      signal?.removeEventListener('abort', stop);
    }
  }

  evaluate(request: { split: 'train' | 'test'; batch_size?: number }): Promise<Evaluation> {
    return this.call('evaluate', request);
  }

  async predict(inputs: { shape: number[]; values: Float32Array }[]): Promise<Prediction> {
    // Cloning would copy all of the buffer that a view looks at, too.
    const values = inputs.map((input) => this.buffers.copyOf(input.values));
    const reply = await this.channel.send(
      { method: 'predict', shapes: inputs.map((input) => input.shape), values },
      values.map((copy) => copy.buffer),
    );
    this.buffers.takeBack(reply.inputs ?? []);
    const { outputs } = reply.json as { outputs: { shape: number[] }[] };
    return {
      outputs: outputs.map((output, i) => ({ shape: output.shape, values: reply.tensors?.[i] ?? new Float32Array() })),
    };
  }

  async predictTexts(texts: readonly string[]): Promise<Prediction & { labels: string[] }> {
    const reply = await this.channel.send({ method: 'predictTexts', json: { texts: [...texts] } });
    const { outputs, labels } = reply.json as { outputs: { shape: number[] }[]; labels: string[] };
    return {
      labels,
      outputs: outputs.map((output, i) => ({ shape: output.shape, values: reply.tensors?.[i] ?? new Float32Array() })),
    };
  }

  async predictDrawing(drawing: { width: number; height: number; values: Float32Array }): Promise<DrawingPrediction> {
    const reply = await this.channel.send({ method: 'predictDrawing', ...drawing });
    const json = reply.json as { labels: string[]; empty: boolean; width: number; height: number };
    const [probabilities = new Float32Array(), values = new Float32Array()] = reply.tensors ?? [];
    return {
      probabilities,
      labels: json.labels,
      empty: json.empty,
      seen: { width: json.width, height: json.height, values },
    };
  }

  profile(on: boolean): Promise<{ op: string; layer: string; calls: number; milliseconds: number }[]> {
    return this.call('profile', on);
  }

  async save(): Promise<Uint8Array> {
    return (await this.channel.send({ method: 'save' })).bytes ?? new Uint8Array();
  }

  async open(bytes: ArrayBuffer): ReturnType<Engine['open']> {
    const copy = bytes.slice(0);
    return (await this.channel.send({ method: 'open', bytes: copy }, [copy])).json as Awaited<
      ReturnType<Engine['open']>
    >;
  }

  memory(): Promise<{ wasm_bytes: number; arena_bytes: number; variable_bytes: number; data_bytes: number }> {
    return this.call('memory');
  }

  terminate(): void {
    this.channel.close({ kind: 'cancelled', message: 'The engine was closed', diagnostics: [] });
  }
}

/** The buffers of a data request apart from its JSON. */
function splitFiles(request: DataRequest): { json: Json; files: { name: string; bytes: ArrayBuffer }[] } {
  if ('files' in request) {
    const { files, ...rest } = request;
    return { json: asJson(rest), files };
  }
  if ('file' in request) {
    const { file, ...rest } = request;
    return { json: asJson(rest), files: [file] };
  }
  return { json: asJson(request), files: [] };
}

function chooseOrReject(options: CreateEngineOptions): Choice {
  try {
    return chooseBuild(detectFeatures(), options);
  } catch (error) {
    throw {
      kind: 'crashed',
      message: error instanceof Error ? error.message : String(error),
      diagnostics: [],
    } satisfies EngineError;
  }
}

async function startEngine(choice: Choice, { baseUrl, onCrash }: CreateEngineOptions): Promise<Engine> {
  const folder = new URL(baseUrl ?? './', baseUrl ? globalThis.location?.href : import.meta.url).href;
  const worker = new Worker(new URL('../worker/worker.ts', import.meta.url), {
    type: 'module',
    name: 'trainyard engine',
  });
  let started = false;
  // What never started is told by the rejection alone: another build may be tried.
  const channel = new Channel(worker, (error) => (started ? onCrash?.(error) : undefined));
  const reply = await channel.send({ method: 'start', options: { ...choice, baseUrl: folder } });
  started = true;
  return new WorkerEngine(reply.json as EngineInfo, channel);
}

/**
 * Starts a worker with the build that fits this browser, and where its threads do not start (phones that give no memory for them) the
 * one without, unless a build was asked for. Rejects with an EngineError when none can be started (the files are missing, the browser
 * is too old).
 */
export async function createEngine(options: CreateEngineOptions = {}): Promise<Engine> {
  const choice = chooseOrReject(options);
  try {
    return await startEngine(choice, options);
  } catch (error) {
    const other = options.build === undefined ? withoutThreads(choice, (error as EngineError).message) : null;
    if (other === null) throw error;
    return startEngine(other, options).catch(() => {
      throw error;
    });
  }
}
