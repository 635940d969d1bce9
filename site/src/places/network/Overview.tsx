/** The network as a whole: shown where a layer's arguments stand when none is selected. */
import { useEngine } from '../../engine/session';
import { mainTensor, plainBy } from '../../graph/dictionary';
import { generalProblems, problemsOf, reportOf } from '../../graph/reports';
import { problemText } from '../../graph/words';
import { formatCount, formatShape } from '../../graph/summary';
import { topologicalOrder } from '../../graph/topology';
import { layerOf } from '../../graph/types';
import { useProject } from '../../state/project';
import { select, useUi } from '../../state/ui';
import { Empty, Problem } from '../../ui/States';
import { Icon } from '../../ui/Icon';
import { focusNode } from './focus';

function Row({ id }: { id: string }) {
  const layer = useProject((state) => layerOf(state.doc, id));
  const report = useEngine((state) => reportOf(state.diagnosis, layer?.id ?? ''));
  const main = useProject(({ doc }) => mainTensor(doc, id, plainBy(useEngine.getState().catalog)));
  const wrong = useEngine((state) => problemsOf(state.diagnosis, layer?.id ?? '').length > 0);
  const current = useUi((state) => state.current === id);
  if (!layer) return null;
  return (
    <li>
      <button
        type="button"
        className="outline-row"
        aria-current={current}
        onClick={() => {
          select([id]);
          focusNode(id);
        }}
      >
        <span>{layer.name}</span>
        {wrong ? <Icon name="error" /> : null}
        <span className="muted small">{formatShape(report?.output_shapes[main])}</span>
      </button>
    </li>
  );
}

export function Overview() {
  const doc = useProject((state) => state.doc);
  const diagnosis = useEngine((state) => state.diagnosis);
  const order = topologicalOrder(doc);
  return (
    <div className="inspector stack">
      <div className="inspector-head">
        <h2>Network</h2>
        <p className="muted">
          {order.length} layers · {formatCount(diagnosis?.totals.params ?? 0)} parameters ·{' '}
          {formatCount(diagnosis?.totals.macs ?? 0)} multiply-adds a sample
        </p>
      </div>
      {generalProblems(diagnosis).map((problem) => (
        <Problem key={problem.code + problem.path} tone={problem.severity}>
          {problemText(problem)}
        </Problem>
      ))}
      {order.length === 0 ? (
        <Empty icon="build">Nothing is drawn yet. Add a layer from the palette, or take a template.</Empty>
      ) : (
        <ul className="outline" aria-label="Layers in order">
          {order.map((id) => (
            <Row key={id} id={id} />
          ))}
        </ul>
      )}
    </div>
  );
}
