/** Adding a layer from the palette: by a tap it continues where the selection is, by a drop it stands where it fell. */
import type { ClassSchema, DatasetInfo, JsonObject } from '@trainyard/types';
import { addLayer } from '../../commands/edits';
import { useEngine } from '../../engine/session';
import { withInputShape } from '../../graph/adapt';
import { isSource, starterConfig } from '../../graph/catalog';
import { nodeSize, outEdges, type Doc } from '../../graph/types';
import { currentDoc, performCommand } from '../../state/project';
import { useData } from '../../state/data';
import { select, useUi } from '../../state/ui';
import { edgeAt } from './flow';

export const dragType = 'application/x-trainyard-layer';
export const templateDragType = 'application/x-trainyard-template';

/** A source layer begins with the data's own shape. */
export function firstConfig(item: ClassSchema, data: DatasetInfo | null): JsonObject {
  const catalog = useEngine.getState().catalog;
  const config = catalog ? starterConfig(item, catalog) : {};
  return isSource(item) ? withInputShape(item, config, data?.input_shape ?? [28, 28, 1]) : config;
}

/** With nothing selected a layer follows the only open end, where there is just one. */
function continueFrom(doc: Doc, selected: string | null): string | null {
  if (selected && doc.nodes[selected]) return selected;
  const ends = Object.keys(doc.nodes).filter((id) => outEdges(doc, id).length === 0);
  return ends.length === 1 ? (ends[0] ?? null) : null;
}

export function addFromPalette(item: ClassSchema): void {
  const doc = currentDoc();
  const { command, node } = addLayer(doc, {
    item,
    config: firstConfig(item, useData.getState().info),
    after: continueFrom(doc, useUi.getState().current),
  });
  performCommand(command);
  select([node]);
}

/** `point` is where the layer's centre shall be, in canvas units. */
export function addByDrop(className: string, point: { x: number; y: number }): void {
  const item = useEngine.getState().catalog?.layers.get(className);
  if (!item) return;
  const doc = currentDoc();
  const edge = isSource(item) ? null : edgeAt(doc, point);
  const at = { x: Math.round(point.x - nodeSize.width / 2), y: Math.round(point.y - nodeSize.height / 2) };
  const { command, node } = addLayer(doc, {
    item,
    config: firstConfig(item, useData.getState().info),
    at,
    into: edge?.id ?? null,
  });
  performCommand(command);
  select([node]);
}
