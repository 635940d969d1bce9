/** The ports of a node as the hand finds them. */
import type { Ends } from '../../commands/wires';
import { useEngine } from '../../engine/session';
import { inputRoles } from '../../graph/roles';
import { layerOf } from '../../graph/types';
import { currentDoc } from '../../state/project';
import { portPlace } from './flow';

/** Where an input port stands among a node's inputs: an entry of a dictionary, a place, or anywhere where inputs are all alike. */
export function inputAt(node: string, port: string | null | undefined): Pick<Ends, 'port' | 'entry'> {
  const place = portPlace(port);
  if (typeof place === 'string') return { entry: place };
  const className = layerOf(currentDoc(), node)?.className ?? '';
  const roles = inputRoles(useEngine.getState().catalog?.layers.get(className));
  return roles.length > 0 && place !== undefined ? { port: place } : {};
}
