/** Built-in models on the canvas, models fitted to the data, models from files. */
import type { DatasetInfo, KerasModelJson } from '@trainyard/types';
import { diff } from '../commands/patch';
import { replaceModel } from '../commands/edits';
import { adaptToData } from '../graph/adapt';
import type { Doc } from '../graph/types';
import { currentDoc, performCommand } from '../state/project';
import { emptyCurve } from '../state/curve';
import { forgetAnswers } from '../state/testing';
import { useTraining } from '../state/training';
import { notify, requestFit, select } from '../state/ui';
import { modelOf } from './model';
import { readModel } from './read';
import { errorText, needEngine, useEngine } from './session';

export interface Template {
  name: string;
  title: string;
  about: string;
}

export const templates: readonly Template[] = [
  {
    name: 'lenet5',
    title: 'LeNet-5',
    about: 'Two convolutions and three dense layers: the classic for handwriting. Small and quick.',
  },
  { name: 'cnn', title: 'CNN', about: 'Two wider convolutions and dropout: better, and several times slower.' },
  { name: 'mlp', title: 'MLP', about: 'Dense layers only: the simplest network, also for tables.' },
];

/** What was learned belongs to the old network. */
export function forgetTraining(): void {
  forgetAnswers();
  useTraining.setState({
    phase: 'idle',
    progress: null,
    curve: emptyCurve,
    result: null,
    problem: null,
    resumable: false,
    trained: false,
    shares: {},
  });
}

export async function readTemplate(name: string): Promise<Doc> {
  return readModel(await needEngine().template(name));
}

function show(model: Doc, label: string): void {
  performCommand(replaceModel(currentDoc(), model, label));
  forgetTraining();
  select([]);
  requestFit();
}

export async function takeTemplate(template: Template): Promise<void> {
  try {
    show(await readTemplate(template.name), `Took the template ${template.title}`);
  } catch (error) {
    notify('error', `The template could not be read. ${errorText(error)}`);
  }
}

/** Keras JSON of any accepted form. */
export async function openKerasJson(model: KerasModelJson): Promise<void> {
  const doc = readModel(await needEngine().normalize(model));
  show(doc, 'Opened a Keras model');
}

async function isValid(doc: Doc): Promise<boolean> {
  const diagnosis = await needEngine().diagnose({ model: modelOf(doc), revision: 0 });
  return diagnosis.ok;
}

/** Sets the network's two ends to the data; a network that cannot take such data gives way to an MLP. */
export async function fitNetworkToData(data: DatasetInfo): Promise<void> {
  const catalog = useEngine.getState().catalog;
  if (!catalog) return;
  try {
    const doc = currentDoc();
    const adapted = adaptToData(doc, catalog, data);
    if (await isValid(adapted)) {
      performCommand(diff(doc, adapted, 'Fitted the network to the data'));
      notify('good', 'The network now takes this data.');
      return;
    }
    show(adaptToData(await readTemplate('mlp'), catalog, data), 'Took an MLP for this data');
    notify(
      'info',
      'The drawn network cannot take such data, so an MLP stands in its place. Undo brings the old one back.',
    );
  } catch (error) {
    notify('error', errorText(error));
  }
}
