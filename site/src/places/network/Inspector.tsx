/** Everything about the selected layer. Its fields come from the schema; no layer is named here. */
import { useState } from 'react';
import type { Diagnostic } from '@trainyard/types';
import { ActionButton } from '../../actions/ActionButton';
import { networkActions } from '../../actions/network';
import { rename, setArgument } from '../../commands/edits';
import { isRefusal } from '../../commands/wires';
import { useEngine } from '../../engine/session';
import { dictionaryOf, entryWords, type Takes } from '../../graph/dictionary';
import { familyColour } from '../../graph/families';
import { isOperation } from '../../graph/operations';
import { problemsOf, reportOf } from '../../graph/reports';
import { problemText, sentence } from '../../graph/words';
import { formatBytes, formatCount, formatShape } from '../../graph/summary';
import { layerOf, type Doc, type Layer } from '../../graph/types';
import { currentDoc, performCommand, useProject } from '../../state/project';
import { useUi } from '../../state/ui';
import { Problem } from '../../ui/States';
import { ArgForm } from '../../widgets/ArgForm';
import { Overview } from './Overview';
import { isNestedModel, NestedModel } from './NestedModel';
import { OperationForm } from './OperationForm';
import { Wiring } from './Wiring';

function unknownText(layer: Layer): string {
  if (isNestedModel(layer)) return 'A model used as a layer.';
  if (isOperation(layer.className))
    return 'One of Keras’s operations on tensors (keras.ops), with the arguments that its file has.';
  return 'This engine does not know this layer.';
}

/** A mistake in words; what it is about stands before a sentence that begins with the verb. */
function mistakeText(takes: Takes | null, problem: Diagnostic): string {
  const { arg, message } = problem;
  const about = arg !== null && takes?.entries.includes(arg) === true && /^(is|are|must|has) /.test(message);
  return problemText(about ? { ...problem, message: `“${entryWords(arg)}” ${message}` } : problem);
}

function NameField({ layer }: { layer: Layer }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [text, setText] = useState(layer.name);
  const change = (name: string) => {
    setText(name);
    const edit = rename(currentDoc(), layer.id, name);
    setProblem(isRefusal(edit) ? edit.refused : null);
    if (!isRefusal(edit)) performCommand(edit);
  };
  return (
    <div className="arg">
      <div className="arg-head">
        <label htmlFor="layer-name">Name</label>
      </div>
      <input
        id="layer-name"
        className="input"
        value={problem === null ? layer.name : text}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={problem !== null}
        onChange={(event) => change(event.target.value)}
        onBlur={() => setProblem(null)}
      />
      {problem === null ? null : <p className="arg-problem">{problem}</p>}
    </div>
  );
}

function Figures({ layer }: { layer: Layer }) {
  const report = useEngine((state) => reportOf(state.diagnosis, layer.id));
  if (!report || report.output_shapes.length === 0) return null;
  const rows: [string, string][] = [
    ['Output', report.output_shapes.map(formatShape).join('; ')],
    [
      'Parameters',
      report.params === report.trainable_params
        ? formatCount(report.params)
        : `${formatCount(report.params)} (${formatCount(report.trainable_params)} trainable)`,
    ],
    ['Multiply-adds', `${formatCount(report.macs)} a sample`],
    ['Memory', `${formatBytes(report.activation_bytes)} a sample`],
  ];
  return (
    <dl className="figures">
      {rows.map(([term, figure]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}

function LayerInspector({ doc, node, layer }: { doc: Doc; node: string; layer: Layer }) {
  const catalog = useEngine((state) => state.catalog);
  const problems = useEngine((state) => problemsOf(state.diagnosis, layer.id));
  const item = catalog?.layers.get(layer.className);
  const takes = dictionaryOf(catalog, layer);
  const own = problems.filter(
    (problem) => problem.arg === null || !item?.args.some((arg) => arg.name === problem.arg?.split(/[.[]/)[0]),
  );
  return (
    <div className="inspector stack">
      <div className="inspector-head" style={{ '--family': familyColour(item?.family) } as React.CSSProperties}>
        <h2>{layer.className}</h2>
        <p className="muted">{item ? sentence(item.doc) : unknownText(layer)}</p>
      </div>
      {own.map((problem) => (
        <Problem key={problem.code + problem.path} tone={problem.severity}>
          {mistakeText(takes, problem)}
        </Problem>
      ))}
      <NameField key={`name-${layer.id}`} layer={layer} />
      <div className="row">
        <ActionButton action={networkActions.connect} text="Connect" />
        <ActionButton action={networkActions.duplicate} />
        <ActionButton action={networkActions.remove} look="danger" />
      </div>
      {catalog && item ? (
        <ArgForm
          key={layer.id}
          item={item}
          config={layer.config}
          catalog={catalog}
          problems={problems}
          idPrefix={`arg-${layer.id}`}
          onChange={(arg, value) => performCommand(setArgument(currentDoc(), layer.id, arg, value))}
        />
      ) : null}
      {catalog && isOperation(layer.className) ? (
        <OperationForm key={`operation-${layer.id}`} layer={layer} catalog={catalog} problems={problems} />
      ) : null}
      {catalog ? <NestedModel key={`nested-${layer.id}`} layer={layer} catalog={catalog} /> : null}
      <Wiring doc={doc} node={node} item={item} />
      <Figures layer={layer} />
    </div>
  );
}

export function Inspector() {
  const doc = useProject((state) => state.doc);
  const selected = useUi((state) => state.selectedNodes);
  const known = selected.filter((id) => doc.nodes[id]);
  const [node] = known;
  const layer = node === undefined ? undefined : layerOf(doc, node);
  if (known.length > 1) {
    return (
      <div className="inspector stack">
        <h2>{known.length} layers</h2>
        <div className="row">
          <ActionButton action={networkActions.duplicate} />
          <ActionButton action={networkActions.remove} look="danger" />
        </div>
      </div>
    );
  }
  return node !== undefined && layer ? <LayerInspector key={node} doc={doc} node={node} layer={layer} /> : <Overview />;
}
