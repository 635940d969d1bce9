/**
 * The last progress of a training, in memory that the worker and the page share. The worker writes between slices, the page reads when it
 * suits the page, and neither waits for the other or sends anything.
 */
import type { Progress } from '../client/types';

/** Counts writes, twice each: odd while one is under way, so that nobody takes a text that is half another. */
const writesAt = 0;
const lengthAt = 1;
/** Messages of the training that the worker had posted before: what they tell comes first. */
const messagesAt = 2;
const headerWords = 3;
const headerBytes = headerWords * Int32Array.BYTES_PER_ELEMENT;
const textBytes = 16_384;

export class ProgressBoard {
  private readonly header: Int32Array;
  private readonly text: Uint8Array;
  private seen = 0;

  constructor(readonly memory: SharedArrayBuffer) {
    this.header = new Int32Array(memory, 0, headerWords);
    this.text = new Uint8Array(memory, headerBytes);
  }

  /** Null where a page may not share memory with its workers. */
  static make(): ProgressBoard | null {
    if (typeof SharedArrayBuffer === 'undefined' || !globalThis.crossOriginIsolated) return null;
    return new ProgressBoard(new SharedArrayBuffer(headerBytes + textBytes));
  }

  /** False where it does not fit (hundreds of metrics): then it has to be sent. */
  write(progress: Progress, messagesBefore: number): boolean {
    const bytes = new TextEncoder().encode(JSON.stringify(progress));
    if (bytes.length > this.text.length) return false;
    Atomics.add(this.header, writesAt, 1);
    this.text.set(bytes);
    Atomics.store(this.header, lengthAt, bytes.length);
    Atomics.store(this.header, messagesAt, messagesBefore);
    Atomics.add(this.header, writesAt, 1);
    return true;
  }

  /** What was written since the last time; null when that is nothing, or not yet to be told after so many messages. */
  read(messagesGot: number): Progress | null {
    const writes = Atomics.load(this.header, writesAt);
    if (writes === this.seen || writes % 2 !== 0 || Atomics.load(this.header, messagesAt) > messagesGot) return null;
    const bytes = this.text.slice(0, Atomics.load(this.header, lengthAt));
    // An addition of nothing, since what was read before it cannot come after it.
    if (Atomics.add(this.header, writesAt, 0) !== writes) return null;
    this.seen = writes;
    return JSON.parse(new TextDecoder().decode(bytes)) as Progress;
  }
}
