/** A connection; it carries the shape where there is room to write it. */
import { memo } from 'react';
import { BaseEdge, EdgeLabelRenderer, getBezierPath, useStore, type Edge, type EdgeProps } from '@xyflow/react';
import { useEngine } from '../../engine/session';
import { detour, type Path } from '../../graph/edgePath';
import { reportOf } from '../../graph/reports';
import { formatShape } from '../../graph/summary';

export type ShapeFlowEdge = Edge<{ layer: string; tensor: number; lane: number | null; name: string | null }, 'shape'>;

const roomNeeded = 56;

function pathOf(props: EdgeProps<ShapeFlowEdge>): Path {
  const lane = props.data?.lane ?? null;
  if (lane !== null) return detour(props, lane);
  const [path, labelX, labelY] = getBezierPath(props);
  return { path, labelX, labelY };
}

function ShapeEdgeView(props: EdgeProps<ShapeFlowEdge>) {
  const { sourceX, sourceY, targetX, targetY, data, id, selected } = props;
  const shape = useEngine((state) => reportOf(state.diagnosis, data?.layer ?? '')?.output_shapes[data?.tensor ?? 0]);
  const room = useStore((state) => Math.hypot(targetX - sourceX, targetY - sourceY) * state.transform[2] > roomNeeded);
  const { path, labelX, labelY } = pathOf(props);
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={28} />
      {shape && room && (data?.lane ?? null) === null ? (
        <EdgeLabelRenderer>
          <span
            className={selected ? 'edge-shape selected' : 'edge-shape'}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {[data?.name, formatShape(shape)].filter(Boolean).join(' · ')}
          </span>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
}

export const ShapeEdge = memo(ShapeEdgeView);
