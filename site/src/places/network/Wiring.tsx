/** What leads into a layer, and what is done with what it gives: for all that a line on the canvas cannot say. */
import { useState } from 'react';
import type { ClassSchema, JsonObject } from '@trainyard/types';
import { remove, setAnswers, setCallArguments } from '../../commands/edits';
import { chooseOutput, moveInputUp } from '../../commands/wires';
import { useEngine } from '../../engine/session';
import { maxInputs } from '../../graph/catalog';
import { dictionaryOf, plainBy } from '../../graph/dictionary';
import { answeredTails, outputChoices, type OutputChoice } from '../../graph/outputs';
import { reportOf, shapesOf } from '../../graph/reports';
import { inputRoles, portOf } from '../../graph/roles';
import { plainName } from '../../graph/summary';
import { inEdges, layerOf, nodeName, outEdges, type Doc, type Edge } from '../../graph/types';
import { currentDoc, performCommand } from '../../state/project';
import { select } from '../../state/ui';
import { Icon } from '../../ui/Icon';
import { Entries } from './Entries';

/** What a node gives, with shapes where they are known. */
function useOutputs(doc: Doc, node: string): OutputChoice[] {
  const catalog = useEngine((state) => state.catalog);
  const report = useEngine((state) => reportOf(state.diagnosis, doc.nodes[node]?.layer ?? ''));
  return outputChoices(doc, node, shapesOf(report, doc, node), plainBy(catalog));
}

/** Which output of the layer before, where it has several. */
function TensorChoice({ doc, edge, label }: { doc: Doc; edge: Edge; label: string }) {
  const choices = useOutputs(doc, edge.source);
  if (choices.length < 2) return null;
  const place = choices.findIndex(({ from }) => from.tensor === edge.tensor && from.output === edge.output);
  return (
    <select
      className="select"
      aria-label={`Output taken as ${label}`}
      value={place}
      onChange={(event) => {
        const taken = choices[Number(event.target.value)];
        if (taken) performCommand(chooseOutput(currentDoc(), edge.id, taken.from, taken.words));
      }}
    >
      {choices.map(({ tail, text }, index) => (
        <option key={tail} value={index}>
          {text}
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

/** Which outputs the network answers with: to choose where something follows the layer, or where it has several. */
function Answers({ doc, node }: { doc: Doc; node: string }) {
  const catalog = useEngine((state) => state.catalog);
  const choices = useOutputs(doc, node);
  const followed = outEdges(doc, node).length > 0;
  if (!followed && choices.length < 2) return null;
  const answered = answeredTails(doc, node, choices, plainBy(catalog));
  const change = (tail: string, on: boolean) => {
    const wanted = choices
      .map((choice) => choice.tail)
      .filter((other) => (other === tail ? on : answered.includes(other)));
    performCommand(setAnswers(currentDoc(), node, wanted));
  };
  const row = ({ tail, words, text }: OutputChoice, label: string) => {
    const on = answered.includes(tail);
    return (
      <div key={tail} className="arg flag">
        <div className="arg-head">
          <label htmlFor={`answer-${tail}`}>{label}</label>
        </div>
        <input
          id={`answer-${tail}`}
          className="switch"
          type="checkbox"
          role="switch"
          aria-label={choices.length < 2 ? undefined : `${plainName(words)} as an output of the network`}
          title={text}
          checked={on}
          disabled={!followed && on && answered.length === 1}
          onChange={(event) => change(tail, event.target.checked)}
        />
      </div>
    );
  };
  const [only, ...more] = choices;
  if (only && more.length === 0) return row(only, 'Also an output of the network');
  return (
    <section aria-label="Outputs of the network" className="stack tight">
      <h3>Outputs of the network</h3>
      {choices.map((choice) => row(choice, plainName(choice.text)))}
    </section>
  );
}

export function Wiring({ doc, node, item }: { doc: Doc; node: string; item: ClassSchema | undefined }) {
  const catalog = useEngine((state) => state.catalog);
  const edges = inEdges(doc, node);
  const takes = dictionaryOf(catalog, layerOf(doc, node));
  const rows = edges.filter((edge) => edge.entry === undefined);
  const roles = inputRoles(item);
  const most = takes ? 1 : maxInputs(item);
  const several = most > 1 || rows.length > 1 || rows.some((edge) => edge.tensor > 0 || edge.output !== undefined);
  const dictionary = takes !== null || rows.length < edges.length;
  return (
    <>
      {several && rows.length > 0 && (takes === null || rows.length > 1) ? (
        <section aria-label="Inputs">
          <h3>Inputs, in order</h3>
          <ol className="wiring">
            {rows.map((edge, index) => (
              <InputRow key={edge.id} doc={doc} edge={edge} index={index} role={roles[portOf(doc, edge, roles)]} />
            ))}
          </ol>
        </section>
      ) : null}
      {dictionary ? <Entries key={node} doc={doc} node={node} takes={takes} /> : null}
      <Answers doc={doc} node={node} />
      {edges.length > 0 ? <CallArguments key={`call-${node}`} doc={doc} node={node} /> : null}
    </>
  );
}
