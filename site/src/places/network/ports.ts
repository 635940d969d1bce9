/** The ports of a node as the hand finds them. */
import { useEngine } from '../../engine/session';
import { inputRoles } from '../../graph/roles';
import { layerOf } from '../../graph/types';
import { currentDoc } from '../../state/project';
import { portIndex } from './flow';

/** The place among a node's inputs that a named port stands for; none where the inputs are all alike. */
export function portFor(node: string, port: string | null | undefined): number | undefined {
  const className = layerOf(currentDoc(), node)?.className ?? '';
  const roles = inputRoles(useEngine.getState().catalog?.layers.get(className));
  return roles.length > 0 ? portIndex(port) : undefined;
}
