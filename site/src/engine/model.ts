/** The drawn model on its way to the engine: diagnosis while drawing, loading before it is used. */
import type { Diagnosis, Engine, KerasModelJson } from '@trainyard/types';
import { isSource } from '../graph/catalog';
import { plainBy } from '../graph/dictionary';
import { toKeras } from '../graph/keras';
import type { Doc } from '../graph/types';
import { currentDoc, useProject } from '../state/project';
import { useData } from '../state/data';
import { fitOptions, isClassification, trainSettings } from '../state/fitOptions';
import { engineOrNull, needEngine, onEngineBirth, onEngineDeath, useEngine } from './session';

const written = new WeakMap<Doc, KerasModelJson>();
const texts = new WeakMap<KerasModelJson, string>();

/** The model of a document; the same object for the same document. */
export function modelOf(doc: Doc): KerasModelJson {
  const known = written.get(doc);
  if (known) return known;
  const catalog = useEngine.getState().catalog;
  const name = doc.settings['model.name']?.value;
  const model = toKeras(doc, (layer) => isSource(catalog?.layers.get(layer.className)), {
    ...(typeof name === 'string' ? { name } : {}),
    plainOf: plainBy(catalog),
  });
  if (catalog) written.set(doc, model);
  return model;
}

/** The text of the model the engine holds; null when it holds none. */
let loaded: string | null = null;

/** The model as text: equal texts are equal models. Positions on the canvas play no part. */
export function modelText(doc: Doc): string {
  const model = modelOf(doc);
  const known = texts.get(model) ?? JSON.stringify(model);
  texts.set(model, known);
  return known;
}

/** The engine holds this document's model already (it was opened from a file). */
export function markLoaded(doc: Doc): void {
  loaded = modelText(doc);
}

/** What the engine holds; the drawing may have gone on since. */
export const loadedText = (): string | null => loaded;

/** The engine's model is the drawn one. */
export const isLoaded = (): boolean => loaded !== null && loaded === modelText(currentDoc());

export class InvalidModelError extends Error {}

/** Makes the drawn model the engine's current one; weights that still fit are kept unless `fresh`. */
export async function ensureModel(options: { seed?: number; fresh?: boolean } = {}): Promise<void> {
  const model = modelOf(currentDoc());
  const text = modelText(currentDoc());
  if (text === loaded && !options.fresh) return;
  const diagnosis = await needEngine().loadModel({ model, ...options });
  const wrong = diagnosis.diagnostics.find((item) => item.severity === 'error');
  if (wrong) throw new InvalidModelError(wrong.message);
  loaded = text;
}

let busy = false;
let asked = 0;

function trainingFor(doc: Doc, known: Diagnosis | null) {
  const data = useData.getState().info;
  return fitOptions(trainSettings(doc, data, known, useEngine.getState().catalog), isClassification(data));
}

const trainingText = (doc: Doc, known: Diagnosis | null): string => {
  const { loss, targets } = trainingFor(doc, known);
  return JSON.stringify([loss, targets]);
};

function diagnoseFor(engine: Engine, doc: Doc, revision: number, known: Diagnosis | null): Promise<Diagnosis> {
  const model = modelOf(doc);
  const training = trainingFor(doc, known);
  return engine.diagnose({
    model,
    revision,
    batch_size: training.batch_size,
    training,
  });
}

async function diagnoseNow(): Promise<void> {
  const engine = engineOrNull();
  if (!engine || busy) return;
  busy = true;
  try {
    const { doc, revision } = useProject.getState();
    asked = revision;
    const first = await diagnoseFor(engine, doc, revision, useEngine.getState().diagnosis);
    // What an output learns by default, and its loss, depend on its shape, which only this answer tells.
    const changed = trainingText(doc, first) !== trainingText(doc, useEngine.getState().diagnosis);
    const diagnosis = changed ? await diagnoseFor(engine, doc, revision, first) : first;
    if (diagnosis.revision === revision) useEngine.setState({ diagnosis });
  } catch {
    // A dying engine is reported by its own path; the next revision asks again.
  } finally {
    busy = false;
    if (useProject.getState().revision !== asked && engineOrNull()) void diagnoseNow();
  }
}

/** Keeps the diagnosis up with the document: one question at a time, the latest wins. */
export function watchModel(): void {
  useProject.subscribe((state, before) => {
    if (state.revision !== before.revision) void diagnoseNow();
  });
  useData.subscribe((state, before) => {
    if (state.info !== before.info) {
      asked = -1;
      void diagnoseNow();
    }
  });
  onEngineBirth(() => void diagnoseNow());
  onEngineDeath(() => {
    loaded = null;
  });
}

/** Whether the network of a document could be built; what it is trained with plays no part. */
export async function isValid(doc: Doc): Promise<boolean> {
  const diagnosis = await needEngine().diagnose({ model: modelOf(doc), revision: 0 });
  return diagnosis.ok;
}
