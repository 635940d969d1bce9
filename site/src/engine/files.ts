/** Files in and out: the saved model, Keras JSON, and what a dropped file is. */
import type { Json, KerasModelJson } from '@trainyard/types';
import { replaceModel } from '../commands/edits';
import { diff } from '../commands/patch';
import { forKeras } from '../graph/operations';
import { parsePythonJson, pythonJson } from '../graph/pythonJson';
import type { Doc } from '../graph/types';
import { currentDoc, performCommand } from '../state/project';
import { curveFromHistory } from '../state/curve';
import { isBusy, useTraining } from '../state/training';
import { goTo, notify, requestFit, select } from '../state/ui';
import { loadUserFiles } from './ownData';
import { ensureModel, loadedText, markLoaded, modelOf } from './model';
import { readModel } from './read';
import { errorText, needEngine } from './session';
import { openKerasJson } from './templates';
import { showTerms } from './terms';
import { keepWeights } from './weights';

const maxModelBytes = 1024 * 1024 * 1024;

export function download(name: string, data: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([data], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function modelName(): string {
  const name = currentDoc().settings['model.name']?.value;
  return typeof name === 'string' && /^[\w.-]+$/.test(name) ? name : 'model';
}

export async function saveModelFile(): Promise<void> {
  try {
    await ensureModel();
    const bytes = await needEngine().save();
    download(`${modelName()}.safetensors`, bytes as BlobPart, 'application/octet-stream');
  } catch (error) {
    notify('error', `The model was not saved. ${errorText(error)}`);
  }
}

export async function saveKerasJson(): Promise<void> {
  try {
    const model = forKeras(await needEngine().normalize(modelOf(currentDoc())));
    download(`${modelName()}.json`, pythonJson(model), 'application/json');
  } catch (error) {
    notify('error', `The network could not be written as Keras JSON. ${errorText(error)}`);
  }
}

/** Puts an opened model on the canvas; the engine holds its weights already, under the file's own ids. */
function show(doc: Doc, name: string): void {
  performCommand(replaceModel(currentDoc(), doc, `Opened ${name}`));
  markLoaded(currentDoc());
  select([]);
  requestFit();
}

/** What a file tells of how it was trained, and the page can set. */
const savedSettings = [
  'epochs',
  'batch_size',
  'validation_split',
  'seed',
  'shuffle',
  'metrics',
  'loss_weights',
  'targets',
  'class_weight',
  'callbacks',
] as const;

/** Opens a saved model; false when the bytes are none. Throws what the engine says of it. */
export async function openModelBytes(bytes: ArrayBuffer, name: string): Promise<void> {
  const opened = await needEngine().open(bytes);
  show(readModel(opened.model), name);
  await showTerms(opened.data);
  const trained = opened.history.length > 0;
  useTraining.setState({
    phase: opened.resumable ? 'stopped' : trained ? 'finished' : 'idle',
    curve: curveFromHistory(opened.history),
    progress: null,
    result: null,
    problem: null,
    resumable: opened.resumable,
    trained,
    trainedText: loadedText(),
    shares: {},
  });
  const fit = opened.fit;
  if (fit) {
    const settings: Record<string, { id: string; value: Json }> = {};
    for (const key of savedSettings) {
      const value = fit[key];
      if (value !== undefined && value !== null) settings[`train.${key}`] = { id: `train.${key}`, value };
    }
    const doc = currentDoc();
    performCommand(
      diff(
        doc,
        { ...doc, settings: { ...doc.settings, ...settings, ...references(fit) } },
        "Took the file's training settings",
      ),
    );
    markLoaded(currentDoc());
  }
}

function references(fit: { optimizer: KerasModelJson | string; loss: KerasModelJson | string }) {
  return {
    'train.optimizer': { id: 'train.optimizer', value: fit.optimizer },
    'train.loss': { id: 'train.loss', value: fit.loss },
  };
}

async function openModelFile(file: File): Promise<void> {
  if (isBusy(useTraining.getState().phase)) {
    notify('warning', 'Stop the training before you open another model.');
    return;
  }
  if (file.size > maxModelBytes) {
    notify('error', `${file.name} is too large: this page opens models up to 1 GB.`);
    return;
  }
  try {
    if (/\.json$/i.test(file.name)) await openKerasJson(parsePythonJson(await file.text()) as KerasModelJson);
    else await openModelBytes(await file.arrayBuffer(), file.name);
    void keepWeights();
    notify('good', `Opened ${file.name}.`);
    goTo('build');
  } catch (error) {
    notify('error', `${file.name} could not be opened. ${errorText(error)} Your own network is unchanged.`);
  }
}

export const isModelFile = (name: string): boolean => /\.(safetensors|json)$/i.test(name);

/** Models that other programs write, which cannot be read here. */
const isForeignModel = (name: string): boolean => /\.(keras|h5|hdf5|onnx|pb|tflite|pth?|mlmodel|ckpt)$/i.test(name);

function refuseModel(name: string): void {
  const keras = /\.(keras|h5|hdf5)$/i.test(name)
    ? ' In Keras, write model.to_json() into a file: that opens, without its weights.'
    : '';
  notify('error', `${name} cannot be opened here. Models are read from .safetensors and .json.${keras}`);
}

/** What was picked as a model. */
export async function openModel(file: File): Promise<void> {
  if (isModelFile(file.name)) await openModelFile(file);
  else refuseModel(file.name);
}

/** What was dropped or picked: one model, or data. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const model = files.find((file) => isModelFile(file.name) || isForeignModel(file.name));
  if (model) {
    await openModel(model);
  } else if (files.length > 0) {
    goTo('data');
    await loadUserFiles(files);
  }
}
