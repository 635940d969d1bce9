/** A layer as it stands on the canvas. */
import { memo, type MouseEvent } from 'react';
import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { beginConnection, connectNodes } from '../../actions/network';
import { useEngine } from '../../engine/session';
import { familyColour, problemsOf, reportOf, shareOf } from '../../graph/reports';
import { isSource } from '../../graph/catalog';
import { formatCount, formatShape, summaryLine } from '../../graph/summary';
import { useProject } from '../../state/project';
import { useTraining } from '../../state/training';
import { setUi, useUi } from '../../state/ui';
import { Icon } from '../../ui/Icon';

export type LayerFlowNode = Node<{ layer: string }, 'layer'>;

/** A tap on an output begins a connection; a tap on any port of another layer ends it. */
function portClicked(event: MouseEvent, id: string, isOutput: boolean): void {
  const from = useUi.getState().connectFrom;
  if (from === null && !isOutput) return;
  event.stopPropagation();
  if (from === null) beginConnection(id);
  else if (from === id) setUi({ connectFrom: null });
  else connectNodes(from, id);
}

function LayerNodeView({ id, data, selected }: NodeProps<LayerFlowNode>) {
  const layer = useProject((state) => state.doc.layers[data.layer]);
  const item = useEngine((state) => state.catalog?.layers.get(layer?.className ?? ''));
  const report = useEngine((state) => reportOf(state.diagnosis, data.layer));
  const problems = useEngine((state) => problemsOf(state.diagnosis, data.layer));
  const estimate = useEngine((state) => shareOf(state.diagnosis, data.layer));
  const measured = useTraining((state) => state.shares[layer?.name ?? '']);
  const fed = useProject((state) => Object.values(state.doc.edges).some((edge) => edge.target === id));
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
      {isSource(item) ? null : (
        <Handle
          type="target"
          position={Position.Top}
          className={fed ? 'port fed' : 'port'}
          aria-label={`Input of ${layer.name}`}
          onClick={(event) => portClicked(event, id, false)}
        />
      )}
      <div className="layer-line">
        <span className="layer-name">{layer.name}</span>
        {worst === 'fine' ? null : <Icon name={worst} />}
        {report?.output_shapes[0] ? <span className="chip">{formatShape(report.output_shapes[0])}</span> : null}
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
      <Handle
        type="source"
        position={Position.Bottom}
        className="port"
        aria-label={`Output of ${layer.name}`}
        onClick={(event) => portClicked(event, id, true)}
      />
    </div>
  );
}

export const LayerNode = memo(LayerNodeView);
