/** The drawing itself. The document is the truth; xyflow shows it and reports what the hand does. */
import { useCallback, useEffect, useMemo, useState, type DragEvent } from 'react';
import {
  Background,
  BackgroundVariant,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStoreApi,
  type EdgeChange,
  type NodeChange,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { connectNodes } from '../../actions/network';
import { move } from '../../commands/edits';
import { useEngine } from '../../engine/session';
import { takeTemplate } from '../../engine/templates';
import { templateNamed } from '../../engine/templateTable';
import { nodeSize } from '../../graph/types';
import { currentDoc, performCommand, useProject } from '../../state/project';
import { useTraining } from '../../state/training';
import { openSheet, select, setUi, useUi } from '../../state/ui';
import { useDesk } from '../../ui/useMedia';
import { addByDrop, dragType, templateDragType } from './addLayer';
import { flowEdges, flowNodes, outputAt, selectionAfter, type Places } from './flow';
import { leastZoom, mostZoom, usePinch } from './pinch';
import { inputAt } from './ports';
import { usePulse } from './pulse';
import { LayerNode, type LayerFlowNode } from './LayerNode';
import { ShapeEdge, type ShapeFlowEdge } from './ShapeEdge';

const nodeTypes = { layer: LayerNode };
const edgeTypes = { shape: ShapeEdge };
const noPlaces: Places = {};
const margins = { top: 76, bottom: 84, side: 24 } as const;
const fitPadding = {
  top: `${margins.top}px`,
  bottom: `${margins.bottom}px`,
  left: `${margins.side}px`,
  right: `${margins.side}px`,
} as const;
/** Below this a layer's name can no longer be read. */
const readableZoom = 0.6;
const moveMs = () => (window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 180);

/** Shows everything when asked, at the start and after a model was replaced. */
function useFit(): void {
  const flow = useReactFlow();
  const store = useStoreApi();
  const requests = useUi((state) => state.fitRequests);
  const loaded = useProject((state) => state.loaded && Object.keys(state.doc.nodes).length > 0);
  useEffect(() => {
    if (!loaded) return;
    const frame = requestAnimationFrame(() => {
      const duration = requests === 0 ? 0 : moveMs();
      const box = flow.getNodesBounds(Object.keys(currentDoc().nodes));
      const { width, height } = store.getState();
      const tall = (height - margins.top - margins.bottom) / Math.max(1, box.height) < readableZoom;
      const fits = (width - 2 * margins.side) / Math.max(1, box.width) >= readableZoom;
      if (useUi.getState().fitWhole || !tall || !fits || Object.keys(currentDoc().nodes).length === 0) {
        void flow.fitView({ padding: fitPadding, maxZoom: 1, minZoom: 0.2, duration });
        return;
      }
      // A tall network is shown from its top: what is below is reached by moving it.
      const x = width / 2 - (box.x + box.width / 2) * readableZoom;
      void flow.setViewport({ x, y: margins.top - box.y * readableZoom, zoom: readableZoom }, { duration });
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, store, requests, loaded]);
}

/** Brings the current node into the part of the canvas that no sheet covers. */
function useReveal(): void {
  const flow = useReactFlow();
  const store = useStoreApi();
  const current = useUi((state) => state.current);
  const sheet = useUi((state) => state.sheet);
  const desk = useDesk();
  useEffect(() => {
    const node = current ? currentDoc().nodes[current] : undefined;
    if (!node) return;
    const { width, height, transform } = store.getState();
    const [x, y, zoom] = transform;
    const bottom = !desk && sheet ? height * 0.42 : height - 76;
    const left = node.x * zoom + x;
    const top = node.y * zoom + y;
    const shiftX = left < 8 ? 8 - left : Math.min(0, width - 8 - (left + nodeSize.width * zoom));
    const shiftY = top < 60 ? 60 - top : Math.min(0, bottom - (top + nodeSize.height * zoom));
    if (shiftX !== 0 || shiftY !== 0)
      void flow.setViewport({ x: x + shiftX, y: y + shiftY, zoom }, { duration: moveMs() });
  }, [current, sheet, desk, flow, store]);
}

function useDrop() {
  const flow = useReactFlow();
  const onDragOver = useCallback((event: DragEvent) => {
    if (!event.dataTransfer.types.includes(dragType) && !event.dataTransfer.types.includes(templateDragType)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  }, []);
  const onDrop = useCallback(
    (event: DragEvent) => {
      const template = templateNamed(event.dataTransfer.getData(templateDragType));
      if (template) {
        event.preventDefault();
        void takeTemplate(template);
        return;
      }
      const className = event.dataTransfer.getData(dragType);
      if (className === '') return;
      event.preventDefault();
      addByDrop(className, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
    },
    [flow],
  );
  return { onDragOver, onDrop };
}

function nodeClicked(id: string, desk: boolean): void {
  const from = useUi.getState().connectFrom;
  if (from && from !== id) connectNodes(from, id, useUi.getState().connectOutput);
  else if (!desk) openSheet('inspector', 'half');
}

/** Positions while a drag lasts; the command is made when it ends. */
function useNodeChanges() {
  const [moving, setMoving] = useState<Places>(noPlaces);
  const onNodesChange = useCallback((changes: NodeChange<LayerFlowNode>[]) => {
    const { selectedNodes, selectedEdges } = useUi.getState();
    const chosen = selectionAfter(selectedNodes, changes);
    if (chosen !== selectedNodes) select(chosen, selectedEdges);
    const moves = changes.flatMap((change) =>
      change.type === 'position' && change.position ? [{ ...change, position: change.position }] : [],
    );
    if (moves.length === 0) return;
    const places = Object.fromEntries(
      moves.map((change) => [change.id, { x: Math.round(change.position.x), y: Math.round(change.position.y) }]),
    );
    if (moves.some((change) => change.dragging)) {
      setMoving((before) => ({ ...before, ...places }));
    } else {
      performCommand(move(currentDoc(), places));
      setMoving(noPlaces);
    }
  }, []);
  const onEdgesChange = useCallback((changes: EdgeChange<ShapeFlowEdge>[]) => {
    const { selectedNodes, selectedEdges } = useUi.getState();
    const chosen = selectionAfter(selectedEdges, changes);
    if (chosen !== selectedEdges) setUi({ selectedEdges: chosen, selectedNodes });
  }, []);
  return { moving, onNodesChange, onEdgesChange };
}

function CanvasInside() {
  const doc = useProject((state) => state.doc);
  const catalog = useEngine((state) => state.catalog);
  const selectedNodes = useUi((state) => state.selectedNodes);
  const selectedEdges = useUi((state) => state.selectedEdges);
  const running = useTraining((state) => state.phase === 'running');
  const tapping = useUi((state) => state.connectFrom !== null);
  const [dragging, setDragging] = useState(false);
  const desk = useDesk();
  const { moving, onNodesChange, onEdgesChange } = useNodeChanges();
  const drop = useDrop();
  useFit();
  useReveal();
  usePinch();
  usePulse(running);
  const nodes = useMemo(() => flowNodes(doc, catalog, selectedNodes, moving), [doc, catalog, selectedNodes, moving]);
  const edges = useMemo(() => flowEdges(doc, selectedEdges, catalog), [doc, selectedEdges, catalog]);
  return (
    <ReactFlow
      className={['canvas', running ? 'training' : '', tapping || dragging ? 'connecting' : '']
        .filter(Boolean)
        .join(' ')}
      aria-label="Network"
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      onConnect={({ source, target, sourceHandle, targetHandle }) =>
        connectNodes(source, target, { ...outputAt(sourceHandle), ...inputAt(target, targetHandle) })
      }
      onConnectStart={() => setDragging(true)}
      onConnectEnd={() => setDragging(false)}
      onNodeClick={(_event, node) => nodeClicked(node.id, desk)}
      onPaneClick={() => setUi({ selectedNodes: [], selectedEdges: [], current: null, sheet: null })}
      {...drop}
      connectOnClick={false}
      connectionRadius={36}
      minZoom={leastZoom}
      maxZoom={mostZoom}
      deleteKeyCode={null}
      panActivationKeyCode={null}
      disableKeyboardA11y
      nodeDragThreshold={4}
      proOptions={{ hideAttribution: true }}
      elevateNodesOnSelect
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--grid-dot)" />
    </ReactFlow>
  );
}

export function Canvas() {
  return (
    <ReactFlowProvider>
      <CanvasInside />
    </ReactFlowProvider>
  );
}
