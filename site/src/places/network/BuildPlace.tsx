import { ActionButton } from '../../actions/ActionButton';
import { networkActions } from '../../actions/network';
import { pageActions } from '../../actions/page';
import { useProject } from '../../state/project';
import { openSheet, setUi, useUi } from '../../state/ui';
import { useEngine } from '../../engine/session';
import { Sheet } from '../../ui/Sheet';
import { Empty, Loading } from '../../ui/States';
import { useDesk } from '../../ui/useMedia';
import { Canvas } from './Canvas';
import { Inspector } from './Inspector';
import { Palette } from './Palette';

function Toolbar() {
  return (
    <div className="canvas-tools" role="toolbar" aria-label="Network tools">
      <ActionButton action={networkActions.templates} iconOnly look="quiet" />
      <ActionButton action={networkActions.undo} iconOnly look="quiet" />
      <ActionButton action={networkActions.redo} iconOnly look="quiet" />
      <ActionButton action={networkActions.arrange} iconOnly look="quiet" />
      <ActionButton action={networkActions.fit} iconOnly look="quiet" />
    </div>
  );
}

/** Mistakes are counted where the main button is, and lead to the first of them. */
function Mistakes() {
  const errors = useEngine((state) => state.diagnosis)?.diagnostics.filter((item) => item.severity === 'error') ?? [];
  const [first] = errors;
  const drawn = useProject((state) => Object.keys(state.doc.nodes).length > 0);
  if (!first || !drawn) return null;
  return (
    <button
      type="button"
      className="button mistakes"
      onClick={() => {
        if (first.node) setUi({ selectedNodes: [first.node], selectedEdges: [], current: first.node });
        openSheet('inspector');
      }}
    >
      {errors.length === 1 ? '1 mistake' : `${errors.length} mistakes`}
    </button>
  );
}

/** A connection has no inspector: what can be done with it stands here. */
function EdgeTools() {
  const edge = useUi((state) => state.selectedEdges.length > 0 && state.selectedNodes.length === 0);
  return edge ? <ActionButton action={networkActions.remove} look="danger" large /> : null;
}

function SidePanels() {
  const desk = useDesk();
  const sheet = useUi((state) => state.sheet);
  const close = () => setUi({ sheet: null });
  if (desk) return null;
  if (sheet === 'palette') {
    return (
      <Sheet title="Layers" onClose={close}>
        <Palette />
      </Sheet>
    );
  }
  if (sheet === 'inspector') {
    return (
      <Sheet title="Layer" onClose={close}>
        <Inspector />
      </Sheet>
    );
  }
  return null;
}

/** Nothing can be drawn before the engine has told what there is; said only where that takes long. */
function Starting() {
  const loaded = useProject((state) => state.loaded);
  const starting = useEngine((state) => state.phase === 'starting');
  return loaded || !starting ? null : (
    <div className="canvas-empty late">
      <Loading label="Fetching the engine …" />
    </div>
  );
}

export function BuildPlace() {
  const desk = useDesk();
  const empty = useProject((state) => state.loaded && Object.keys(state.doc.nodes).length === 0);
  return (
    <div className="build">
      <h1 className="hidden-label">Build</h1>
      {desk ? (
        <aside className="panel palette-panel" aria-label="Layers">
          <Palette />
        </aside>
      ) : null}
      <div className="canvas-area">
        <Canvas />
        <Starting />
        {empty ? (
          <div className="canvas-empty">
            <Empty icon="build" action={<ActionButton action={networkActions.templates} text="Take a template" />}>
              Layers that you add will stand here. Begin with an input.
            </Empty>
          </div>
        ) : null}
        <Toolbar />
        <div className="canvas-main">
          {desk ? null : <ActionButton action={networkActions.addLayer} text="Layer" large />}
          <EdgeTools />
          <Mistakes />
          <ActionButton action={pageActions.train} look="primary" large />
        </div>
      </div>
      {desk ? (
        <aside className="panel inspector-panel" aria-label="Inspector">
          <Inspector />
        </aside>
      ) : null}
      <SidePanels />
    </div>
  );
}
