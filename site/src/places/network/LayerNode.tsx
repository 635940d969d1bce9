/** A layer as it stands on the canvas. */
import { memo, useEffect, type MouseEvent } from 'react';
import { Handle, Position, useUpdateNodeInternals, type Node, type NodeProps } from '@xyflow/react';
import type { ClassSchema } from '@trainyard/types';
import { beginConnection, connectNodes } from '../../actions/network';
import { useEngine } from '../../engine/session';
import { familyColour } from '../../graph/families';
import { problemsOf, reportOf, shareOf } from '../../graph/reports';
import { isSource } from '../../graph/catalog';
import { inputRoles } from '../../graph/roles';
import { formatCount, formatShape, summaryLine } from '../../graph/summary';
import { inEdges, outEdges, type Layer } from '../../graph/types';
import { useProject } from '../../state/project';
import { useTraining } from '../../state/training';
import { setUi, useUi } from '../../state/ui';
import { Icon } from '../../ui/Icon';
import { inputPort, outputPort } from './flow';
import { portFor } from './ports';

export type LayerFlowNode = Node<{ layer: string }, 'layer'>;

/** A tap on an output begins a connection; a tap on any port of another layer ends it. */
function portClicked(event: MouseEvent, id: string, isOutput: boolean, index: number): void {
  const { connectFrom: from, connectTensor: tensor } = useUi.getState();
  if (from === null && !isOutput) return;
  event.stopPropagation();
  if (from === null) beginConnection(id, index);
  else if (from === id) setUi({ connectFrom: null });
  else connectNodes(from, id, { tensor, port: isOutput ? undefined : portFor(id, inputPort(index)) });
}

/** Evenly along the node's edge. */
const placeOf = (index: number, count: number): string => `${(100 * (index + 1)) / (count + 1)}%`;

/** One port, or one for each input that means something else. Those that need not be filled show themselves when they are wanted. */
function Inputs({ id, layer, item }: { id: string; layer: Layer; item: ClassSchema | undefined }) {
  const used = useProject((state) => inEdges(state.doc, id).length);
  const roles = inputRoles(item);
  const count = Math.max(1, roles.length);
  const needed = Math.max(1, item?.inputs?.min ?? 1);
  useNewPorts(id, count);
  return Array.from({ length: count }, (_, index) => (
    <Handle
      key={index}
      id={inputPort(index)}
      type="target"
      position={Position.Top}
      style={{ left: placeOf(index, count) }}
      className={['port', used > index ? 'fed' : '', index >= needed && used <= index ? 'optional' : '']
        .join(' ')
        .trim()}
      title={roles[index]}
      aria-label={index === 0 ? `Input of ${layer.name}` : `Input ${roles[index] ?? index + 1} of ${layer.name}`}
      onClick={(event) => portClicked(event, id, false, index)}
    />
  ));
}

function Outputs({ id, layer, shapes }: { id: string; layer: Layer; shapes: readonly (number | null)[][] }) {
  const highest = useProject((state) => Math.max(0, ...outEdges(state.doc, id).map((edge) => edge.tensor)));
  const count = Math.max(1, shapes.length, highest + 1);
  useNewPorts(id, count);
  return Array.from({ length: count }, (_, index) => (
    <Handle
      key={index}
      id={outputPort(index)}
      type="source"
      position={Position.Bottom}
      style={{ left: placeOf(index, count) }}
      className="port"
      title={count > 1 ? `Output ${index + 1}: ${formatShape(shapes[index])}` : undefined}
      aria-label={index === 0 ? `Output of ${layer.name}` : `Output ${index + 1} of ${layer.name}`}
      onClick={(event) => portClicked(event, id, true, index)}
    />
  ));
}

/** xyflow must be told when ports come or go. */
function useNewPorts(id: string, count: number): void {
  const update = useUpdateNodeInternals();
  useEffect(() => update(id), [id, count, update]);
}

function LayerNodeView({ id, data, selected }: NodeProps<LayerFlowNode>) {
  const layer = useProject((state) => state.doc.layers[data.layer]);
  const item = useEngine((state) => state.catalog?.layers.get(layer?.className ?? ''));
  const report = useEngine((state) => reportOf(state.diagnosis, data.layer));
  const problems = useEngine((state) => problemsOf(state.diagnosis, data.layer));
  const estimate = useEngine((state) => shareOf(state.diagnosis, data.layer));
  const measured = useTraining((state) => state.shares[layer?.name ?? '']);
  const connecting = useUi((state) => state.connectFrom);
  if (!layer) return null;
  const worst = problems.some((problem) => problem.severity === 'error')
    ? 'error'
    : problems.length > 0
      ? 'warning'
      : 'fine';
  const share = measured ?? estimate;
  const summary = summaryLine(item, layer.config);
  const className = ['layer-node', worst, selected ? 'selected' : '', connecting === id ? 'connecting' : '']
    .filter(Boolean)
    .join(' ');
  return (
    <div className={className} style={{ '--family': familyColour(item?.family) } as React.CSSProperties}>
      {isSource(item) ? null : <Inputs id={id} layer={layer} item={item} />}
      <div className="layer-line">
        <span className="layer-name">{layer.name}</span>
        {worst === 'fine' ? null : <Icon name={worst} />}
        {report?.output_shapes[0] ? (
          <span className="chip" title={report.output_shapes.map(formatShape).join('; ')}>
            {formatShape(report.output_shapes[0])}
            {report.output_shapes.length > 1 ? ` +${report.output_shapes.length - 1}` : ''}
          </span>
        ) : null}
      </div>
      <div className="layer-line muted small">
        <span className="layer-summary">
          {worst === 'error' ? (problems[0]?.message ?? summary) : summary || layer.className}
        </span>
        {report && report.params > 0 ? (
          <span title={`${report.params} parameters`}>{formatCount(report.params)} params</span>
        ) : null}
      </div>
      <span
        className="layer-share"
        title={`${measured === undefined ? 'About ' : ''}${Math.round(share * 100)} % of a step's work`}
        style={{ transform: `scaleX(${share})` }}
      />
      <Outputs id={id} layer={layer} shapes={report?.output_shapes ?? []} />
    </div>
  );
}

export const LayerNode = memo(LayerNodeView);
