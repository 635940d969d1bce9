/** Owns the engine. Calls are answered in order; while a training runs, it runs slice by slice and calls get their turn between slices. */
import type { EngineError, EngineInfo, EpochEnd, Json, Progress } from '../client/types';
import { ProgressBoard } from './progressBoard';
import { loadEngine, type RawEngine, type RawResult } from './module';
import type { FromWorker, Reply, Request, StartOptions, ToWorker } from './protocol';

/** Long enough that crossing into JavaScript costs nothing, short enough for a live drawing pad. */
const sliceSeconds = 0.03;

const scope = self as unknown as DedicatedWorkerGlobalScope;
let engine: RawEngine | null = null;
let stopRequested = false;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

class CallFailed extends Error {
  constructor(readonly detail: EngineError) {
    super(detail.message);
  }
}

function unwrap(result: RawResult): Reply {
  if (result.error !== undefined) throw new CallFailed(JSON.parse(result.error) as EngineError);
  return {
    json: JSON.parse(result.json ?? 'null') as unknown,
    ...(result.tensors ? { tensors: result.tensors } : {}),
    ...(result.bytes ? { bytes: result.bytes } : {}),
  };
}

function running(): RawEngine {
  if (!engine) throw new CallFailed({ kind: 'protocol', message: 'The engine has not been started', diagnostics: [] });
  return engine;
}

/** Lets waiting messages in. No timer: browsers slow those down in hidden tabs. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

async function start(options: StartOptions): Promise<EngineInfo> {
  engine = await loadEngine(options, (reason) => {
    throw new Error(`The engine stopped: ${String(reason)}`);
  });
  const info = unwrap(engine.call('info', 'null')).json as {
    version: string;
    protocol: number;
    threads: number;
  };
  return {
    build: options.build,
    threads: info.threads,
    simd: options.build === 'threads-relaxed' ? 'relaxed' : 'simd128',
    reason: options.reason,
    version: info.version,
    protocol: info.protocol,
  };
}

interface Slice {
  more: boolean;
  progress: Progress;
  epoch_ends: EpochEnd[];
  /** What callbacks have written, and said. */
  files: string[];
  messages: string[];
}

/** Hands files on at once, so that they do not fill the engine's memory. */
function postFiles(id: number, paths: string[]): void {
  for (const path of paths) {
    const bytes = unwrap(running().written(path)).bytes ?? new Uint8Array();
    post({ id, type: 'file', file: { path, bytes } }, [bytes.buffer as ArrayBuffer]);
  }
}

async function fit(id: number, options: Json, shared?: SharedArrayBuffer): Promise<Reply> {
  stopRequested = false;
  const board = shared ? new ProgressBoard(shared) : null;
  let messages = 0;
  const report = (progress: Progress) => {
    if (!board?.write(progress, messages)) post({ id, type: 'progress', progress });
  };
  const begun = unwrap(running().call('begin_fit', JSON.stringify(options))).json as { progress: Progress };
  report(begun.progress);
  for (let more = true; more && !stopRequested;) {
    const slice = unwrap(running().call('train_for', String(sliceSeconds))).json as Slice;
    more = slice.more;
    for (const text of slice.messages) post({ id, type: 'message', text });
    for (const end of slice.epoch_ends) post({ id, type: 'epochEnd', end });
    postFiles(id, slice.files);
    messages += slice.messages.length + slice.epoch_ends.length + slice.files.length;
    report(slice.progress);
    await nextTurn();
  }
  return unwrap(running().call('fit_result', 'null'));
}

async function answer(id: number, request: Request): Promise<Reply> {
  switch (request.method) {
    case 'start':
      return { json: await start(request.options) };
    case 'call':
      return unwrap(running().call(request.command, JSON.stringify(request.json)));
    case 'samples':
      return unwrap(running().samples(JSON.stringify(request.json)));
    case 'loadData':
      return unwrap(
        running().loadData(
          JSON.stringify(request.json),
          request.files.map((file) => file.name),
          request.files.map((file) => new Uint8Array(file.bytes)),
        ),
      );
    case 'predict':
      return { ...unwrap(running().predict(JSON.stringify(request.shapes), request.values)), inputs: request.values };
    case 'predictTexts':
      return unwrap(running().predictTexts(JSON.stringify(request.json)));
    case 'predictDrawing':
      return unwrap(running().predictDrawing(request.width, request.height, request.values));
    case 'open':
      return unwrap(running().open(new Uint8Array(request.bytes)));
    case 'save':
      return unwrap(running().save());
    case 'fit':
      return fit(id, request.json, request.board);
    case 'stop':
      stopRequested = true;
      return { json: null };
  }
}

/** A trap, or memory that could not grow, leaves the engine unusable: say which. */
function asEngineError(error: unknown): EngineError {
  if (error instanceof CallFailed) return error.detail;
  // Emscripten's way out of a call while another thread has trapped.
  if (error === 'unwind') return { kind: 'crashed', message: 'A thread of the engine stopped', diagnostics: [] };
  const text = error instanceof Error ? error.message : String(error);
  const memory = error instanceof RangeError || /memory|allocation/i.test(text);
  return { kind: memory ? 'out_of_memory' : 'crashed', message: text, diagnostics: [] };
}

scope.onmessage = async (event: MessageEvent<ToWorker>) => {
  const { id, request } = event.data;
  try {
    const reply = await answer(id, request);
    const views = [...(reply.tensors ?? []), ...(reply.inputs ?? []), ...(reply.bytes ? [reply.bytes] : [])];
    const buffers = views.map((view) => view.buffer as ArrayBuffer);
    post({ id, type: 'reply', reply }, buffers);
  } catch (error) {
    const detail = asEngineError(error);
    // What the engine answered leaves it whole; what went through it does not.
    post({ id, type: 'error', error: detail, fatal: !(error instanceof CallFailed) || detail.kind === 'crashed' });
  }
};
