/** A page with nothing but the client: what the tests call stands on `window.harness`. */
import {
  createEngine,
  detectFeatures,
  type CreateEngineOptions,
  type Engine,
  type EngineError,
} from '../../client/index';
import type { GoldenAnswer, GoldenRequest } from './golden.worker';
import * as scenarios from './scenarios';

type Scenarios = typeof scenarios;

async function withEngine<T>(options: CreateEngineOptions, body: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await createEngine({ baseUrl: '/engine/', ...options });
  try {
    return await body(engine);
  } catch (error) {
    // An EngineError is a plain object, of which the test would see no more than that.
    throw error instanceof Error ? error : new Error(JSON.stringify(error));
  } finally {
    engine.terminate();
  }
}

/** What reaches a page when the engine does not start, or dies. */
async function failures(options: CreateEngineOptions) {
  const crashes: EngineError[] = [];
  const rejections: EngineError[] = [];
  try {
    const engine = await createEngine({ ...options, onCrash: (error) => crashes.push(error) });
    for (let call = 0; call < 2; call++)
      await engine.schema().catch((error: unknown) => rejections.push(error as EngineError));
    return { started: true, crashes, rejections };
  } catch (error) {
    return { started: false, crashes, rejections: [error as EngineError] };
  }
}

function golden(request: GoldenRequest): Promise<GoldenAnswer> {
  const worker = new Worker(new URL('./golden.worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<GoldenAnswer>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(request);
  }).finally(() => worker.terminate()) as Promise<GoldenAnswer>;
}

const harness = {
  golden,
  features: detectFeatures,
  failures,
  /** Runs a scenario on an engine of its own. */
  run<Name extends keyof Scenarios>(name: Name, options: CreateEngineOptions = {}): ReturnType<Scenarios[Name]> {
    return withEngine(
      options,
      (engine) => scenarios[name](engine) as Promise<Awaited<ReturnType<Scenarios[Name]>>>,
    ) as ReturnType<Scenarios[Name]>;
  },
};
window.harness = harness;

declare global {
  interface Window {
    harness: typeof harness;
  }
}
