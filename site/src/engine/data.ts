/** Getting data into the engine: files of the site's own folder, files of the user's, built-in sets. */
import type { DataRequest, DatasetInfo } from '@trainyard/types';
import { currentDoc, useProject } from '../state/project';
import { useData, type LoadedData } from '../state/data';
import { isOwn, keepLastChoice, type DataChoice } from '../state/dataChoice';
import { endLacksClasses } from '../state/columns';
import { asDigitsChoice, type DigitsChoice } from '../state/digits';
import { forgetAnswers } from '../state/testing';
import { useTraining } from '../state/training';
import { notify, useUi } from '../state/ui';
import { firstLines } from '../graph/words';
import { engineOrNull, errorText, isEngineError, needEngine, onEngineBirth, readMemory } from './session';
import { sentencesCsv } from './sentences';
import { restoreWeights } from './weights';
import { hasMnist } from './build';
import { onMnistFetched, takeMnist } from './mnist';

const gridSamples = 60;

onMnistFetched((progress) => {
  // Read ahead, or overtaken by another choice: nobody waits for it.
  if (useData.getState().choice === 'mnist') useData.setState({ progress });
});

/** With the files of MNIST, which no request keeps: they are given away, and read again for another engine. */
async function filled(request: DataRequest): Promise<DataRequest> {
  return request.kind === 'mnist' ? { ...request, files: await takeMnist() } : request;
}

/** Larger sets are not looked through; those that come with the page are mixed. */
const mostLookedAt = 4096;

async function lookThrough(info: DatasetInfo): Promise<LoadedData> {
  const { train_count: count, labels, task } = info;
  if (count > mostLookedAt || labels.length === 0 || task === 'regression') return info;
  const rows = await needEngine().samples({ split: 'train', start: 0, count });
  return { ...info, endLacksClasses: endLacksClasses(rows.map(({ label }) => label)) };
}

/** Counts loads: one that takes long (MNIST over a slow line) must not undo a choice made since. */
let loads = 0;
const isNewest = (load: number) => load === loads;

/** Shows what was loaded, unless another load has begun since; then what it brings will be shown. */
async function loadInto(request: DataRequest, load: number): Promise<void> {
  const whole = await filled(request);
  if (!isNewest(load)) return;
  useData.setState({ progress: null });
  const engine = needEngine();
  const info = await lookThrough(await engine.loadData(whole, { transfer: whole !== request }));
  if (!isNewest(load)) return;
  const samples = await engine.samples({ split: 'train', start: 0, count: Math.min(gridSamples, info.train_count) });
  if (!isNewest(load)) return;
  useData.setState({ phase: 'ready', info, request, samples, progress: null, problem: null, gaps: null });
  void readMemory();
}

function started(choice: DataChoice): void {
  useData.setState({ phase: 'loading', choice, progress: null, problem: null, gaps: null, note: null });
}

function remember(choice: DataChoice): void {
  useProject.getState().remember('data.choice', choice);
  keepLastChoice(choice);
}

const shownLines = 3;

const onlyGaps = (error: unknown): boolean =>
  isEngineError(error) &&
  error.diagnostics.length > 0 &&
  error.diagnostics.every(({ code }) => code === 'csv.missing_value');

/** `before`: what was chosen until then, which is still loaded where files of the user's own could not be. */
function failed(error: unknown, request: DataRequest | null = null, before: DataChoice | null = null): false {
  const { info, choice } = useData.getState();
  useData.setState({
    phase: 'failed',
    problem: firstLines(errorText(error), shownLines),
    gaps: onlyGaps(error) ? request : null,
    progress: null,
    ...(info && before && isOwn(choice) ? { choice: before } : {}),
  });
  if (info && useUi.getState().place !== 'data')
    notify('error', `The data could not be loaded. ${firstLines(errorText(error), 1)}`);
  return false;
}

/**
 * Loads a request and remembers the choice; false (and a told problem) when it does not work. One that another has overtaken is let go,
 * which is no failure.
 */
export async function loadRequest(choice: DataChoice, make: () => Promise<DataRequest>): Promise<boolean> {
  const load = ++loads;
  const { choice: before } = useData.getState();
  let request: DataRequest | null = null;
  started(choice);
  try {
    request = await make();
    if (isNewest(load)) await loadInto(request, load);
    if (isNewest(load)) remember(choice);
    return true;
  } catch (error) {
    return isNewest(load) ? failed(error, request, before) : true;
  }
}

const orderSetting = 'data.shuffle';
const digitsSetting = 'data.digits';

/** Tables and folders of pictures are mixed when they are loaded, unless the project keeps their order. */
export const order = (): { shuffle?: false } =>
  currentDoc().settings[orderSetting]?.value === false ? { shuffle: false } : {};

/** The engine has mixed the samples, or was told not to. */
export const canBeMixed = (info: DatasetInfo, request: DataRequest | null): boolean =>
  info.mixed === true || (request !== null && 'shuffle' in request);

/** Loads the data anew, mixed or in their own order. */
export function setMixed(mixed: boolean): Promise<boolean> {
  const { choice, request } = useData.getState();
  if (choice === null || request === null) return Promise.resolve(false);
  useProject.getState().remember(orderSetting, mixed);
  return loadRequest(choice, () => Promise.resolve({ ...request, shuffle: mixed } as DataRequest));
}

export const loadDigits = (): Promise<boolean> =>
  loadRequest('digits', () => {
    const { train, seed } = asDigitsChoice(currentDoc().settings[digitsSetting]?.value);
    return Promise.resolve({ kind: 'digits', seed, train });
  });

/** As many digits, and of that seed, from now on. */
export function drawDigits(choice: DigitsChoice): Promise<boolean> {
  useProject.getState().remember(digitsSetting, { ...choice });
  return loadDigits();
}

export const loadIris = (): Promise<boolean> =>
  loadRequest('iris', () => Promise.resolve({ kind: 'iris', seed: 1, ...order() }));

/** Short opinions that the page itself writes, as a file that a table of text would be. */
export const loadSentences = (): Promise<boolean> =>
  loadRequest('sentences', () => {
    const { buffer } = new TextEncoder().encode(sentencesCsv());
    return Promise.resolve({
      kind: 'files',
      name: 'opinions',
      files: [{ name: 'sentences.csv', bytes: buffer }],
      seed: 1,
      ...order(),
    });
  });

/** MNIST from the site's folder; where it is not there, digits and a word about it. */
export async function loadMnist(): Promise<boolean> {
  if (hasMnist && (await loadRequest('mnist', () => Promise.resolve({ kind: 'mnist', files: [] })))) return true;
  const reason = hasMnist ? 'its files could not be read' : 'its files do not lie beside this page';
  const worked = await loadDigits();
  if (worked && useData.getState().choice === 'digits')
    useData.setState({
      note: `MNIST is not here: ${reason}. Drawn digits take its place; you can also choose the four MNIST files yourself.`,
    });
  return worked;
}

export function loadChoice(choice: DataChoice | null): Promise<boolean> {
  switch (choice) {
    case 'digits':
      return loadDigits();
    case 'iris':
      return loadIris();
    case 'sentences':
      return loadSentences();
    case 'csv':
    case 'idx':
    case 'pictures':
    case 'mnist':
    case null:
      return loadMnist();
  }
}

/** After a restart the engine gets its data back, and what it had learned when that was last kept. */
export function watchData(): void {
  useData.subscribe((state, before) => {
    if (state.info !== before.info) forgetAnswers();
  });
  onEngineBirth(() => {
    const { request } = useData.getState();
    // No load of its own: a choice that is still being fetched stays the newest, and comes after.
    if (!request || !engineOrNull()) return;
    useTraining.setState({ restoring: true });
    void loadInto(request, loads).then(restoreWeights, (error: unknown) => {
      useTraining.setState({ restoring: false });
      failed(error);
    });
  });
}
