/** What the tensors that lead into a layer mean, by its family: Keras names them in `call`, which the schema does not tell. */
import type { ClassSchema } from '@trainyard/types';
import { maxInputs } from './catalog';
import { inEdges, type Doc, type Edge } from './types';

const roles: Readonly<Record<string, readonly string[]>> = {
  attention: ['query', 'value', 'key'],
  recurrent: ['sequence', 'initial state', 'initial cell state'],
};

/** The inputs of a layer that mean different things; empty where they are all alike, or there is only one. */
export function inputRoles(item: ClassSchema | undefined): readonly string[] {
  const most = maxInputs(item);
  const named = roles[item?.family ?? ''];
  if (!item || !named || most < 2) return [];
  if (item.family === 'recurrent' && most === 2) return ['sequence', 'initial state'];
  return named.slice(0, most);
}

/** Where an edge ends among its target's inputs, counted from 0. */
export function portOf(doc: Doc, edge: Edge, roles: readonly string[]): number {
  const named = edge.keyword === undefined ? -1 : roles.indexOf(edge.keyword);
  return named >= 0 ? named : inEdges(doc, edge.target).findIndex(({ id }) => id === edge.id);
}
