/** What leads into a layer, and what is done with what it gives: for all that a line on the canvas cannot say. */
import { useState } from 'react';
import type { ClassSchema, JsonObject } from '@trainyard/types';
import {
  chooseTensor,
  innerOutputsOf,
  moveInputUp,
  remove,
  setCallArguments,
  setInnerOutput,
} from '../../commands/edits';
import { useEngine } from '../../engine/session';
import { maxInputs } from '../../graph/catalog';
import { reportOf } from '../../graph/reports';
import { inputRoles, portOf } from '../../graph/roles';
import { formatShape, plainName } from '../../graph/summary';
import { inEdges, nodeName, outEdges, type Doc, type Edge } from '../../graph/types';
import { currentDoc, performCommand } from '../../state/project';
import { select } from '../../state/ui';
import { Icon } from '../../ui/Icon';

/** Which output of the layer before, where it has several. */
function TensorChoice({ doc, edge, label }: { doc: Doc; edge: Edge; label: string }) {
  const layer = doc.nodes[edge.source]?.layer ?? '';
  const shapes = useEngine((state) => reportOf(state.diagnosis, layer)?.output_shapes);
  const count = Math.max(shapes?.length ?? 1, edge.tensor + 1);
  if (count < 2) return null;
  return (
    <select
      className="select"
      aria-label={`Output taken as ${label}`}
      value={edge.tensor}
      onChange={(event) => performCommand(chooseTensor(currentDoc(), edge.id, Number(event.target.value)))}
    >
      {Array.from({ length: count }, (_, index) => (
        <option key={index} value={index}>
          {`output ${index + 1}`}
          {shapes?.[index] ? `: ${formatShape(shapes[index])}` : ''}
        </option>
      ))}
    </select>
  );
}

function InputRow({ doc, edge, index, role }: { doc: Doc; edge: Edge; index: number; role: string | undefined }) {
  const name = nodeName(doc, edge.source);
  const label = role ?? `input ${index + 1}`;
  return (
    <li className="wiring-row">
      <span className="muted small">{plainName(label)}</span>
      <span className="row">
        <button type="button" className="button quiet wiring-name" onClick={() => select([edge.source])}>
          {name}
        </button>
        <button
          type="button"
          className="button quiet icon-only"
          disabled={index === 0 || edge.keyword !== undefined}
          aria-label={`Move ${name} up`}
          title="Move up"
          onClick={() => performCommand(moveInputUp(currentDoc(), edge.id))}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          className="button quiet icon-only"
          aria-label={`Disconnect ${name}`}
          title="Disconnect"
          onClick={() => performCommand(remove(currentDoc(), [], [edge.id]))}
        >
          <Icon name="close" />
        </button>
      </span>
      <TensorChoice doc={doc} edge={edge} label={label} />
    </li>
  );
}

/** Tensors are drawn; what else a call was given stands here as it is written in Keras. */
function CallArguments({ doc, node }: { doc: Doc; node: string }) {
  const kwargs = doc.nodes[node]?.kwargs ?? {};
  const shown = Object.keys(kwargs).length === 0 ? '' : JSON.stringify(kwargs);
  const [text, setText] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const change = (raw: string) => {
    setText(raw);
    try {
      const value: unknown = raw.trim() === '' ? {} : JSON.parse(raw);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error();
      performCommand(setCallArguments(currentDoc(), node, value as JsonObject));
      setProblem(null);
    } catch {
      setProblem('Write an object, such as {"use_causal_mask": true}.');
    }
  };
  return (
    <details className="fold">
      <summary>
        Call <span className="muted">{shown === '' ? '' : `${Object.keys(kwargs).length} set`}</span>
      </summary>
      <div className="arg">
        <label htmlFor="call-arguments">Arguments of the call</label>
        <input
          id="call-arguments"
          className="input"
          spellCheck={false}
          autoComplete="off"
          value={text ?? shown}
          aria-invalid={problem !== null}
          onChange={(event) => change(event.target.value)}
          onBlur={() => {
            setText(null);
            setProblem(null);
          }}
        />
        {problem === null ? null : <p className="arg-problem">{problem}</p>}
        <p className="muted arg-doc">What Keras's call takes beside tensors, such as a causal mask or training.</p>
      </div>
    </details>
  );
}

export function Wiring({ doc, node, item }: { doc: Doc; node: string; item: ClassSchema | undefined }) {
  const edges = inEdges(doc, node);
  const roles = inputRoles(item);
  const several = maxInputs(item) > 1 || edges.some((edge) => edge.tensor > 0);
  const followed = outEdges(doc, node).length > 0;
  const isOutput = innerOutputsOf(doc).includes(`${node}:0`);
  return (
    <>
      {several && edges.length > 0 ? (
        <section aria-label="Inputs">
          <h3>Inputs, in order</h3>
          <ol className="wiring">
            {edges.map((edge, index) => (
              <InputRow key={edge.id} doc={doc} edge={edge} index={index} role={roles[portOf(doc, edge, roles)]} />
            ))}
          </ol>
        </section>
      ) : null}
      {followed ? (
        <div className="arg flag">
          <div className="arg-head">
            <label htmlFor="inner-output">Also an output of the network</label>
          </div>
          <input
            id="inner-output"
            className="switch"
            type="checkbox"
            role="switch"
            checked={isOutput}
            onChange={(event) => performCommand(setInnerOutput(currentDoc(), node, event.target.checked))}
          />
        </div>
      ) : null}
      {edges.length > 0 ? <CallArguments key={node} doc={doc} node={node} /> : null}
    </>
  );
}
