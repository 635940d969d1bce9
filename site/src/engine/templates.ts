/** Built-in models on the canvas, models fitted to the data, models from files. */
import type { DatasetInfo, Json, KerasModelJson } from '@trainyard/types';
import { apply, diff, type Command } from '../commands/patch';
import { replaceModel, replaceSettings } from '../commands/edits';
import { adaptToData } from '../graph/adapt';
import type { Doc } from '../graph/types';
import { currentDoc, performCommand, useProject } from '../state/project';
import { emptyCurve } from '../state/curve';
import { useData } from '../state/data';
import { goalSetting } from '../state/goal';
import { forgetAnswers } from '../state/testing';
import { isBusy, useTraining } from '../state/training';
import { notify, requestFit, select, setUi } from '../state/ui';
import { isValid } from './model';
import { readModel } from './read';
import { loadChoice, loadMnist, loadRequest } from './data';
import { errorText, needEngine, useEngine } from './session';
import type { Template, TemplateData } from './templateTable';

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
    profile: null,
    verdict: null,
    files: [],
    messages: [],
  });
}

export async function readTemplate(model: Template['model']): Promise<Doc> {
  const engine = needEngine();
  return readModel(await (typeof model === 'string' ? engine.template(model) : engine.normalize(model)));
}

function show(model: Doc, label: string, change: (doc: Doc) => Doc = (doc) => doc): Command {
  const before = currentDoc();
  const command = diff(before, change(apply(before, replaceModel(before, model, label))), label);
  performCommand(command);
  forgetTraining();
  select([]);
  setUi({ sheet: null });
  requestFit();
  return command;
}

/** The data that lay loaded before and after a template was taken, so that undo brings the one back and redo the other. */
type Loaded = Pick<ReturnType<typeof useData.getState>, 'choice' | 'request'>;
const dataOf = new WeakMap<Command, { before: Loaded; after: Loaded }>();

const loaded = (): Loaded => {
  const { choice, request } = useData.getState();
  return { choice, request };
};

async function bringBack({ choice, request }: Loaded): Promise<void> {
  const same = useData.getState().request === request;
  if (same || choice === null || request === null || isBusy(useTraining.getState().phase)) return;
  await loadRequest(choice, () => Promise.resolve(request));
}

/** Undoing a template brings its predecessor's data back too. */
export function watchTemplates(): void {
  useProject.subscribe(({ past, future }, before) => {
    const undone = before.past.at(-1);
    const redone = before.future[0];
    if (undone && future[0] === undone) {
      const data = dataOf.get(undone);
      if (data) void bringBack(data.before);
    } else if (redone && past.at(-1) === redone) {
      const data = dataOf.get(redone);
      if (data) void bringBack(data.after);
    }
  });
}

/** The training settings are the template's too: its own, else the defaults. */
export function templateSettings(template: Template): Record<string, Json> {
  const fit = Object.entries(template.fit ?? {}).map(([name, value]): [string, Json] => [`train.${name}`, value]);
  return {
    ...Object.fromEntries(fit),
    ...(template.goal ? { [goalSetting]: template.goal } : {}),
  };
}

/** Pictures of the size that MNIST's have, whatever shape they are handed on in. */
const pictureValues = 28 * 28;

/** The data that the template needs, unless it lies loaded. */
async function loadDataFor(wanted: TemplateData): Promise<void> {
  const { info, choice } = useData.getState();
  if (wanted === 'any' || choice === wanted) return;
  if (wanted !== 'pictures') await loadChoice(wanted);
  else if (info === null || valuesOf(info) !== pictureValues) await loadMnist();
}

export async function takeTemplate(template: Template): Promise<void> {
  if (isBusy(useTraining.getState().phase)) {
    notify('warning', 'Stop the training before you take a template.');
    return;
  }
  try {
    const catalog = useEngine.getState().catalog;
    const data = useData.getState().info;
    const model = await readTemplate(template.model);
    // The picture templates take MNIST's pictures as they are; only tables need other ends.
    const table = template.data === 'any' && data !== null && hasNumbers(data) && valuesOf(data) !== pictureValues;
    const before = loaded();
    const command = show(
      table && catalog ? adaptToData(model, catalog, data) : model,
      `Took the template ${template.title}`,
      (doc) => replaceSettings(doc, 'train.', templateSettings(template)),
    );
    if (template.data === 'any' && !table) await loadDataFor('pictures');
    else await loadDataFor(template.data);
    dataOf.set(command, { before, after: loaded() });
  } catch (error) {
    notify('error', `The template could not be read. ${errorText(error)}`);
  }
}

const valuesOf = (data: DatasetInfo): number => data.input_shape.reduce((all, size) => all * size, 1);

/** A table of text alone has no numbers to take. */
const hasNumbers = (data: DatasetInfo): boolean => data.input_shape.every((size) => size > 0);

/** Keras JSON of any accepted form. */
export async function openKerasJson(model: KerasModelJson): Promise<void> {
  const doc = readModel(await needEngine().normalize(model));
  show(doc, 'Opened a Keras model');
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
