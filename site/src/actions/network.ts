/** Actions on the drawn network. */
import { arrange, duplicate, remove } from '../commands/edits';
import { connect, isRefusal, type Ends } from '../commands/wires';
import { maxInputs } from '../graph/catalog';
import { dictionaryOf, plainBy } from '../graph/dictionary';
import { layerOf, nodeName, type Doc, type From } from '../graph/types';
import { walk, type Direction } from '../graph/topology';
import { useEngine } from '../engine/session';
import { currentDoc, performCommand, useProject } from '../state/project';
import { dismiss, goTo, notify, openSheet, requestFit, select, setUi, useUi } from '../state/ui';
import { focusInspector, focusNode, focusPalette } from '../places/network/focus';
import { action, type Action } from './types';

const selectedNodes = () => useUi.getState().selectedNodes.filter((id) => currentDoc().nodes[id]);
const selectedEdges = () => useUi.getState().selectedEdges.filter((id) => currentDoc().edges[id]);
const hasNodes = () => selectedNodes().length > 0;
const inBuild = () => useUi.getState().place === 'build';

export function inputLimit(doc: Doc): (nodeId: string) => number {
  const catalog = useEngine.getState().catalog;
  return (nodeId) => {
    const layer = layerOf(doc, nodeId);
    // What comes with pictures has entries of its own.
    return dictionaryOf(catalog, layer) ? 1 : maxInputs(catalog?.layers.get(layer?.className ?? ''));
  };
}

let connectHint = 0;
// However the connecting ended (a tap, Escape, another place): the hint has no meaning any more.
useUi.subscribe((state, before) => {
  if (before.connectFrom !== null && state.connectFrom === null) dismiss(connectHint);
});

/** Joins two nodes, or says why not. */
export function connectNodes(source: string, target: string, ends: Ends = {}): void {
  const doc = currentDoc();
  const edit = connect(doc, source, target, inputLimit(doc), ends);
  setUi({ connectFrom: null });
  if (isRefusal(edit)) notify('warning', edit.refused);
  else performCommand(edit);
}

/** The next layer that is tapped, or walked to and entered, is what this one leads to. */
export function beginConnection(from: string, output: From = { tensor: 0 }): void {
  setUi({ connectFrom: from, connectOutput: output, sheet: null });
  connectHint = notify(
    'info',
    `Choose the layer that “${nodeName(currentDoc(), from)}” leads to: tap it, or walk to it and press Enter.`,
  );
}

function deleteSelection(): void {
  const doc = currentDoc();
  const nodes = selectedNodes();
  const [first] = nodes;
  // Where a connection goes, the layers stay, and so does the view.
  const next = first ? (walk(doc, first, 'up') ?? walk(doc, first, 'down')) : null;
  const command = remove(doc, nodes, selectedEdges());
  performCommand(command);
  const left = next && currentDoc().nodes[next] ? next : null;
  select(left ? [left] : []);
  if (left) focusNode(left);
  setUi({ sheet: null });
  const id = notify('info', `${command.label}.`, {
    label: 'Undo',
    run: () => {
      useProject.getState().undo();
      dismiss(id);
    },
  });
}

function step(direction: Direction): void {
  const next = walk(currentDoc(), useUi.getState().current, direction);
  if (!next) return;
  select([next]);
  focusNode(next);
}

const arrow = (direction: Direction, key: string, label: string): Action =>
  action({
    id: `walk.${direction}`,
    label,
    icon: 'chevron',
    group: 'Walking',
    keys: [key],
    scope: 'canvas',
    run: () => step(direction),
  });

export const networkActions = {
  undo: action({
    id: 'undo',
    label: () => {
      const last = useProject.getState().past.at(-1);
      return last ? `Undo: ${last.label}` : 'Undo';
    },
    icon: 'undo',
    group: 'Network',
    keys: ['Mod+Z'],
    enabled: () => useProject.getState().past.length > 0,
    run: () => useProject.getState().undo(),
  }),
  redo: action({
    id: 'redo',
    label: () => {
      const next = useProject.getState().future[0];
      return next ? `Redo: ${next.label}` : 'Redo';
    },
    icon: 'redo',
    group: 'Network',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    enabled: () => useProject.getState().future.length > 0,
    run: () => useProject.getState().redo(),
  }),
  addLayer: action({
    id: 'add-layer',
    label: 'Add layer',
    icon: 'plus',
    group: 'Network',
    keys: ['/'],
    enabled: () => inBuild() && useEngine.getState().catalog !== null,
    run: () => {
      const desk = document.querySelector('.palette-panel') !== null;
      if (!desk) setUi({ paletteQuery: '' });
      openSheet('palette', 'half');
      if (window.matchMedia('(hover: hover)').matches) focusPalette();
    },
  }),
  edit: action({
    id: 'edit',
    label: 'Edit layer',
    icon: 'edit',
    group: 'Network',
    keys: ['Enter'],
    scope: 'canvas',
    enabled: () => inBuild() && selectedNodes().length === 1,
    run: () => {
      const from = useUi.getState().connectFrom;
      const [target] = selectedNodes();
      if (from && target && from !== target) {
        connectNodes(from, target, useUi.getState().connectOutput);
        return;
      }
      openSheet('inspector', 'half');
      focusInspector();
    },
  }),
  connect: action({
    id: 'connect',
    label: 'Connect from this layer',
    icon: 'connect',
    group: 'Network',
    keys: ['C'],
    scope: 'canvas',
    enabled: () => inBuild() && selectedNodes().length === 1,
    run: () => {
      const [from] = selectedNodes();
      if (from) beginConnection(from);
    },
  }),
  duplicate: action({
    id: 'duplicate',
    label: 'Duplicate',
    icon: 'copy',
    group: 'Network',
    keys: ['Mod+D'],
    scope: 'canvas',
    enabled: () => inBuild() && hasNodes(),
    run: () => {
      const { command, nodes } = duplicate(currentDoc(), selectedNodes());
      performCommand(command);
      select(nodes);
    },
  }),
  remove: action({
    id: 'delete',
    label: () => (hasNodes() || selectedEdges().length === 0 ? 'Delete' : 'Delete connection'),
    icon: 'trash',
    group: 'Network',
    keys: ['Delete', 'Backspace'],
    scope: 'canvas',
    enabled: () => inBuild() && (hasNodes() || selectedEdges().length > 0),
    run: deleteSelection,
  }),
  selectAll: action({
    id: 'select-all',
    label: 'Select all layers',
    icon: 'fit',
    group: 'Network',
    keys: ['Mod+A'],
    scope: 'canvas',
    enabled: inBuild,
    run: () => select(Object.keys(currentDoc().nodes)),
  }),
  arrange: action({
    id: 'arrange',
    label: 'Arrange layers',
    icon: 'arrange',
    group: 'Network',
    keys: ['L'],
    scope: 'canvas',
    enabled: () => inBuild() && Object.keys(currentDoc().nodes).length > 0,
    run: () => {
      performCommand(arrange(currentDoc(), plainBy(useEngine.getState().catalog)));
      requestFit();
    },
  }),
  fit: action({
    id: 'fit',
    label: 'Show the whole network',
    icon: 'fit',
    group: 'Network',
    keys: ['F'],
    scope: 'canvas',
    enabled: inBuild,
    run: () => requestFit(true),
  }),
  overview: action({
    id: 'overview',
    label: 'List the layers',
    icon: 'build',
    group: 'Network',
    run: () => {
      select([]);
      goTo('build');
      openSheet('inspector', 'half');
    },
  }),
  clear: action({
    id: 'clear',
    label: 'Clear the canvas',
    icon: 'trash',
    group: 'Network',
    enabled: () => inBuild() && Object.keys(currentDoc().nodes).length > 0,
    run: () => {
      performCommand({
        ...remove(currentDoc(), Object.keys(currentDoc().nodes), Object.keys(currentDoc().edges)),
        label: 'Cleared the canvas',
      });
      select([]);
    },
  }),
  templates: action({
    id: 'templates',
    label: 'Templates',
    icon: 'template',
    group: 'Network',
    keys: ['T'],
    scope: 'canvas',
    enabled: () => useEngine.getState().phase === 'ready',
    run: () => setUi({ dialog: 'templates' }),
  }),
  up: arrow('up', 'ArrowUp', 'To the layer above'),
  down: arrow('down', 'ArrowDown', 'To the layer below'),
  left: arrow('left', 'ArrowLeft', 'To the layer on the left'),
  right: arrow('right', 'ArrowRight', 'To the layer on the right'),
} satisfies Record<string, Action>;
