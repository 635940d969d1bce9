/** Messages between the client (page) and the worker that owns the engine. Every call has a number; answers carry it back. */
import type { BuildName, EngineError, EpochEnd, Json, Progress, WrittenFile } from '../client/types';

export interface StartOptions {
  build: BuildName;
  reason: string;
  threads: number;
  baseUrl: string;
}

export interface FilePart {
  name: string;
  bytes: ArrayBuffer;
}

/** One call; `json` is the request, the rest are its buffers. */
export type Request =
  | { method: 'start'; options: StartOptions }
  | { method: 'call'; command: string; json: Json }
  | { method: 'samples'; json: Json }
  | { method: 'loadData'; json: Json; files: FilePart[] }
  | { method: 'predict'; shapes: number[][]; values: Float32Array<ArrayBuffer>[] }
  | { method: 'predictTexts'; json: Json }
  | { method: 'predictDrawing'; width: number; height: number; values: Float32Array }
  | { method: 'open'; bytes: ArrayBuffer }
  | { method: 'save' }
  /** board: where progress is written instead of being posted (progressBoard.ts). */
  | { method: 'fit'; json: Json; board?: SharedArrayBuffer }
  | { method: 'stop' };

export type ToWorker = { id: number; request: Request };

export interface Reply {
  json: unknown;
  tensors?: Float32Array[];
  bytes?: Uint8Array;
  /** The buffers of the request, on their way back. */
  inputs?: Float32Array<ArrayBuffer>[];
}

export type FromWorker =
  | { id: number; type: 'reply'; reply: Reply }
  /** fatal: the engine is unusable from now on. */
  | { id: number; type: 'error'; error: EngineError; fatal: boolean }
  | { id: number; type: 'progress'; progress: Progress }
  | { id: number; type: 'epochEnd'; end: EpochEnd }
  | { id: number; type: 'message'; text: string }
  | { id: number; type: 'file'; file: WrittenFile };
