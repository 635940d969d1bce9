/** The one engine of the page: its start, its death and its second life. */
import { create } from 'zustand';
import type { Diagnosis, Engine, EngineError, EngineInfo, Schema } from '@trainyard/types';
import { sentence } from '../graph/words';
import { makeCatalog, type Catalog } from '../graph/catalog';
import { chosenThreads } from '../state/threads';
import { newEngine } from './early';
import { schemaOf } from './schema';

export type EnginePhase = 'starting' | 'ready' | 'crashed' | 'failed';

interface EngineState {
  phase: EnginePhase;
  info: EngineInfo | null;
  schema: Schema | null;
  catalog: Catalog | null;
  /** Why it did not start, or died. */
  problem: string | null;
  diagnosis: Diagnosis | null;
  memoryBytes: number;
}

export const useEngine = create<EngineState>(() => ({
  phase: 'starting',
  info: null,
  schema: null,
  catalog: null,
  problem: null,
  diagnosis: null,
  memoryBytes: 0,
}));

let current: Engine | null = null;
const births = new Set<(engine: Engine) => void>();
const deaths = new Set<(problem: string) => void>();

/** Called at the start and at every restart. */
export function onEngineBirth(listener: (engine: Engine) => void): void {
  births.add(listener);
}

export function onEngineDeath(listener: (problem: string) => void): void {
  deaths.add(listener);
}

export function engineOrNull(): Engine | null {
  return current;
}

export class NoEngineError extends Error {
  constructor() {
    super('The engine is not running. Restart it and try again.');
  }
}

export function needEngine(): Engine {
  if (!current) throw new NoEngineError();
  return current;
}

export function errorText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string')
    return sentence(error.message);
  return String(error);
}

export function isEngineError(error: unknown): error is EngineError {
  return typeof error === 'object' && error !== null && 'kind' in error && 'diagnostics' in error;
}

function died(error: EngineError): void {
  current?.terminate();
  current = null;
  useEngine.setState({ phase: 'crashed', problem: error.message });
  for (const listener of deaths) listener(error.message);
}

/** Every browser has its own words for a file that did not come, and none are for people. */
const startProblem = (text: string): string =>
  /dynamically imported|importing a module|failed to fetch|networkerror|load failed/i.test(text)
    ? 'Its files could not be fetched: is there a connection?'
    : text;

/** `threads`: as many as suit where null. */
export async function startEngine(threads: number | null = chosenThreads()): Promise<void> {
  useEngine.setState({ phase: 'starting', problem: null });
  try {
    const engine = await newEngine(threads, died);
    const schema = await schemaOf(engine);
    current = engine;
    useEngine.setState({ phase: 'ready', info: engine.info, schema, catalog: makeCatalog(schema) });
    for (const listener of births) listener(engine);
    void readMemory();
  } catch (error) {
    current = null;
    useEngine.setState({ phase: 'failed', problem: startProblem(errorText(error)) });
  }
}

/** Ends an engine that is dead, or busy beyond patience, and starts another. */
export async function restartEngine(): Promise<void> {
  if (current) died({ kind: 'cancelled', message: 'The engine was restarted.', diagnostics: [] });
  await startEngine();
}

/** Puts another engine in the place of a sound one, such as with other threads. What it learned must have been kept before. */
export async function replaceEngine(threads: number | null): Promise<void> {
  current?.terminate();
  current = null;
  for (const listener of deaths) listener('The engine was replaced.');
  await startEngine(threads);
}

export async function readMemory(): Promise<void> {
  const memory = await current?.memory().catch(() => null);
  if (memory) useEngine.setState({ memoryBytes: memory.wasm_bytes });
}
