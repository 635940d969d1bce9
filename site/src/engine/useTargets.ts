/** What the network's outputs learn, for what the page shows of their answers. */
import { useMemo } from 'react';
import { useEngine } from './session';
import { useData } from '../state/data';
import { trainSettings } from '../state/fitOptions';
import { useProject } from '../state/project';
import { labelTarget } from '../state/targets';
import { isBusy, useTraining } from '../state/training';
import { modelText } from './model';

/** What each output learns, by its name. */
export function useTargets(): Readonly<Record<string, string>> {
  const doc = useProject((state) => state.doc);
  const info = useData((state) => state.info);
  const { diagnosis, catalog } = useEngine();
  return useMemo(() => trainSettings(doc, info, diagnosis, catalog).targets, [doc, info, diagnosis, catalog]);
}

/** The drawing is another one than that which was trained. */
export function useChangedSince(): boolean {
  const doc = useProject((state) => state.doc);
  const trained = useTraining((state) => (state.trained && !isBusy(state.phase) ? state.trainedText : null));
  return trained !== null && trained !== modelText(doc);
}

/** The first output answers with the label: a class, or the number to predict. */
export function useTellsLabel(): boolean {
  const first = useEngine((state) => state.diagnosis?.outputs[0]?.name);
  const targets = useTargets();
  return first === undefined || (targets[first] ?? labelTarget) === labelTarget;
}
