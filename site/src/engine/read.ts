/** Canonical Keras JSON from the engine to a document as the page likes it. */
import type { KerasModelJson } from '@trainyard/types';
import { readableInputs } from '../graph/adapt';
import { plainBy, withoutPlainNames } from '../graph/dictionary';
import { fromKeras } from '../graph/keras';
import type { Doc } from '../graph/types';
import { useEngine } from './session';

export function readModel(model: KerasModelJson): Doc {
  const doc = fromKeras(model);
  const catalog = useEngine.getState().catalog;
  return catalog ? withoutPlainNames(readableInputs(doc, catalog), plainBy(catalog)) : doc;
}
