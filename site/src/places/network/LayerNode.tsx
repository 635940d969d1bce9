/** A layer as it stands on the canvas. */
import { memo } from 'react';
import type { Node, NodeProps } from '@xyflow/react';
import { useEngine } from '../../engine/session';
import { mainTensor, plainBy } from '../../graph/dictionary';
import { familyColour } from '../../graph/families';
import { problemsOf, reportOf, shapesOf, shareOf } from '../../graph/reports';
import { isSource } from '../../graph/catalog';
import { operationSummary } from '../../graph/operationArgs';
import { formatCount, formatShape, summaryLine } from '../../graph/summary';
import { currentDoc, useProject } from '../../state/project';
import { useTraining } from '../../state/training';
import { useUi } from '../../state/ui';
import { Icon } from '../../ui/Icon';
import { Inputs, Outputs } from './NodePorts';

export type LayerFlowNode = Node<{ layer: string }, 'layer'>;

function LayerNodeView({ id, data, selected }: NodeProps<LayerFlowNode>) {
  const layer = useProject((state) => state.doc.layers[data.layer]);
  const item = useEngine((state) => state.catalog?.layers.get(layer?.className ?? ''));
  const report = useEngine((state) => reportOf(state.diagnosis, data.layer));
  const problems = useEngine((state) => problemsOf(state.diagnosis, data.layer));
  const estimate = useEngine((state) => shareOf(state.diagnosis, data.layer));
  const measured = useTraining((state) => state.shares[layer?.name ?? '']);
  const main = useProject(({ doc }) => mainTensor(doc, id, plainBy(useEngine.getState().catalog)));
  const connecting = useUi((state) => state.connectFrom);
  if (!layer) return null;
  const worst = problems.some((problem) => problem.severity === 'error')
    ? 'error'
    : problems.length > 0
      ? 'warning'
      : 'fine';
  const share = measured ?? estimate;
  const shapes = shapesOf(report, currentDoc(), id); // as of the report, which comes anew with every change
  const summary = summaryLine(item, layer.config) || operationSummary(layer);
  const className = ['layer-node', worst, selected ? 'selected' : '', connecting === id ? 'connecting' : '']
    .filter(Boolean)
    .join(' ');
  return (
    <div className={className} style={{ '--family': familyColour(item?.family) } as React.CSSProperties}>
      {isSource(item) ? null : <Inputs id={id} layer={layer} item={item} />}
      <div className="layer-line">
        <span className="layer-name">{layer.name}</span>
        {worst === 'fine' ? null : <Icon name={worst} />}
        {shapes[main] ? (
          <span className="chip" title={shapes.map(formatShape).join('; ')}>
            {formatShape(shapes[main])}
            {shapes.length > 1 ? ` +${shapes.length - 1}` : ''}
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
      <Outputs id={id} layer={layer} shapes={shapes} />
    </div>
  );
}

export const LayerNode = memo(LayerNodeView);
