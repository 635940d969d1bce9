/** The first seconds: isolation, engine, last project, data; each in its own time and none waiting for what it does not need. */
import { loadChoice, watchData } from '../engine/data';
import { readAhead } from '../engine/mnist';
import { watchModel } from '../engine/model';
import { onEngineBirth, startEngine, useEngine } from '../engine/session';
import { readTemplate, watchTemplates } from '../engine/templates';
import { watchTraining } from '../engine/training';
import { registerWorker, storeForOffline } from '../pwa/register';
import { asDataChoice, type DataChoice } from '../state/dataChoice';
import { restoreWeights } from '../engine/weights';
import { useProject } from '../state/project';
import { watchRequests } from '../state/requests';
import { useTraining } from '../state/training';
import type { Doc } from '../graph/types';
import { fetchNextPlace } from './laterPlaces';
import { lastProject, watchProject } from '../storage/autosave';

export async function boot(): Promise<void> {
  if (!(await registerWorker())) return;
  watchRequests();
  watchProject();
  watchModel();
  watchData();
  watchTraining();
  watchTemplates();
  const starting = startEngine();
  const saved = await lastProject();
  const choice = asDataChoice(saved?.settings['data.choice']?.value);
  readAhead(choice);
  await starting;
  if (saved) useProject.getState().open(saved);
  if (useEngine.getState().phase === 'ready') return begin(saved, choice);
  // An engine that could not start may be started again, such as when the connection is back.
  let begun = false;
  onEngineBirth(() => {
    if (!begun) void begin(saved, choice);
    begun = true;
  });
}

/** What needs an engine: a first visit's network, the data, what was learned. */
async function begin(saved: Doc | null, choice: DataChoice | null): Promise<void> {
  const first = saved ? null : readTemplate('lenet5');
  // Until what was learned is back, nobody shall ask a network that has forgotten it.
  useTraining.setState({ restoring: saved !== null });
  // The engine reads the data while the page draws the network.
  const data = loadChoice(choice);
  fetchNextPlace();
  if (first) useProject.getState().open(await first);
  await data;
  if (saved) await restoreWeights();
  void storeForOffline();
}
