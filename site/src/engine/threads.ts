/** Another number of threads: another engine, which is given the data and what was learned. */
import { chooseThreads } from '../state/threads';
import { isBusy, useTraining } from '../state/training';
import { replaceEngine } from './session';
import { keepWeights } from './weights';

export async function changeThreads(threads: number | null): Promise<void> {
  const { phase, trained } = useTraining.getState();
  if (isBusy(phase)) return;
  if (trained) await keepWeights();
  chooseThreads(threads);
  await replaceEngine(threads);
}
