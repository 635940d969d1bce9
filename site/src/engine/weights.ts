/** What was learned, kept over a reload: the engine's own model file beside the text of the drawing it belongs to. */
import { indexedDbStore } from '../storage/indexedDb';
import { keeping } from '../storage/autosave';
import { askToStay } from '../storage/stay';
import { curveFromHistory } from '../state/curve';
import { currentDoc } from '../state/project';
import { isBusy, useTraining } from '../state/training';
import { loadedText, markLoaded, modelText } from './model';
import { engineOrNull, needEngine } from './session';
import { showTerms } from './terms';

const key = 'weights';

interface Kept {
  model: string;
  bytes: Uint8Array;
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Partial<Kept>;
  return typeof record.model === 'string' && record.bytes instanceof Uint8Array;
}

/** The same for this visit, where the browser keeps nothing: an engine that is started anew gets it back. */
let held: Kept | null = null;

/** Its failure costs only convenience: the page says that it could not save, and files can still be saved by hand. */
export async function keepWeights(): Promise<void> {
  const model = loadedText();
  const engine = engineOrNull();
  if (model === null || !engine) return;
  await keeping(async () => {
    const bytes = await engine.save().catch(() => null);
    if (!bytes) return;
    held = { model, bytes };
    await indexedDbStore.write(key, held);
    askToStay();
  });
}

export function forgetWeights(): Promise<void> {
  held = null;
  return indexedDbStore.write(key, null).catch(() => undefined);
}

async function restore({ bytes }: Kept): Promise<void> {
  const opened = await needEngine().open(bytes.slice().buffer);
  markLoaded(currentDoc());
  await showTerms(opened.data);
  useTraining.setState({
    phase: opened.resumable ? 'stopped' : 'finished',
    curve: curveFromHistory(opened.history),
    resumable: opened.resumable,
    trained: true,
    trainedText: loadedText(),
  });
}

/** Gives the engine what the last visit learned. A drawing that was changed since has learned nothing yet. */
export async function restoreWeights(): Promise<void> {
  useTraining.setState({ restoring: !isBusy(useTraining.getState().phase) });
  if (!useTraining.getState().restoring) return;
  try {
    const fits = (kept: unknown): kept is Kept => isKept(kept) && kept.model === modelText(currentDoc());
    const kept = fits(held) ? held : await indexedDbStore.read(key).catch(() => null);
    if (fits(kept)) await restore(kept);
  } catch {
    void forgetWeights();
  } finally {
    useTraining.setState({ restoring: false });
  }
}

/** Resolves when nothing is being brought back (any more). */
export function restored(): Promise<void> {
  if (!useTraining.getState().restoring) return Promise.resolve();
  return new Promise((resolve) => {
    const end = useTraining.subscribe((state) => {
      if (state.restoring) return;
      end();
      resolve();
    });
  });
}
